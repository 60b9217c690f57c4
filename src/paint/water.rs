//! The outline of the water in a tank.

/// Path data from a waved surface at the origin down to the round bottom of a tank, `h` below; `r` is the radius of the
/// tank's corners, which shallow water does not fill.
pub fn path(w: f32, h: f32, r: f32) -> String {
    let swell = if w > 120.0 { 2.6 } else { 1.6 };
    let inset = if h < r { r - (r * r - (r - h) * (r - h)).max(0.0).sqrt() } else { 0.0 };
    let (half, whole) = ((w - 2.0 * inset) / 12.0, (w - 2.0 * inset) / 6.0);
    let mut path = format!("M{inset:.2} 0");
    for i in 0..6 {
        path += &format!(" q{half:.2} {} {whole:.2} 0", if i % 2 == 0 { swell } else { -swell });
    }
    let side = (h - r).max(0.0);
    path + &format!(" V{side:.2} A{r} {r} 0 0 1 {:.2} {h:.2} H{r} A{r} {r} 0 0 1 {inset:.2} {side:.2} Z", w - r)
}
