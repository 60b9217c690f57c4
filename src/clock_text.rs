//! Instants and lengths of time as the page writes them.

use kubarium_sim::clock::Time;

/// `4:12.3`, or `1:04:12.3` from an hour on.
pub fn moment(time: Time) -> String {
    format!("{}.{}", minutes(time), time.0 % 1000 / 100)
}

/// `4:12.345`, or `1:04:12.345`.
pub fn exact(time: Time) -> String {
    format!("{}.{:03}", minutes(time), time.0 % 1000)
}

/// `4:12`, or `1:04:12`.
pub fn minutes(time: Time) -> String {
    let s = time.0 / 1000;
    match s / 3600 {
        0 => format!("{}:{:02}", s / 60, s % 60),
        h => format!("{h}:{:02}:{:02}", s / 60 % 60, s % 60),
    }
}

/// How long, in the two largest units, as kubectl writes ages: `41s`, `3m58s`, `2h`.
pub fn age(ms: u64) -> String {
    let s = ms / 1000;
    let (m, h, d) = (s / 60, s / 3600, s / 86_400);
    match s {
        0..120 => format!("{s}s"),
        120..600 => {
            if s.is_multiple_of(60) {
                format!("{m}m")
            } else {
                format!("{m}m{}s", s % 60)
            }
        }
        600..10_800 => format!("{m}m"),
        10_800..28_800 => {
            if m % 60 == 0 {
                format!("{h}h")
            } else {
                format!("{h}h{}m", m % 60)
            }
        }
        28_800..172_800 => format!("{h}h"),
        172_800..691_200 => {
            if h % 24 == 0 {
                format!("{d}d")
            } else {
                format!("{d}d{}h", h % 24)
            }
        }
        _ => format!("{d}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!(moment(Time(252_300)), "4:12.3");
        assert_eq!(moment(Time(3_852_000)), "1:04:12.0");
        assert_eq!(
            [age(41_000), age(119_000), age(238_000), age(600_000), age(7_300_000), age(11_000_000)],
            ["41s", "119s", "3m58s", "10m", "121m", "3h3m"]
        );
    }
}
