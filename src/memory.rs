//! Where the program's memory comes from: the usual allocator, but memory grows ahead of need. And how it is compared.
//!
//! By itself it would grow by single pages of 64 KiB, and with each of them the browser gives JavaScript a new view of all of
//! memory: a cluster that becomes large spent as much time on that as on itself.
#![allow(unsafe_code, reason = "an allocator is unsafe by definition, and so is what stands for a symbol of C")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::arch::wasm32::memory_size;

struct Ahead;

#[global_allocator]
static ALLOCATOR: Ahead = Ahead;

const PAGE: usize = 64 * 1024;

/// If memory grew, it grows by another sixteenth at once.
fn ahead(get: impl FnOnce() -> *mut u8) -> *mut u8 {
    let before = memory_size::<0>();
    let place = get();
    if memory_size::<0>() != before {
        grow(before * PAGE / 16);
    }
    place
}

/// What is taken and given back stays with the allocator, as one piece behind all others.
#[cold]
#[inline(never)]
fn grow(size: usize) {
    let Ok(layout) = Layout::from_size_align(size, 8) else { return };
    // SAFETY: a start is of some pages, so the size is not zero; what is given back is what was had.
    unsafe {
        let piece = System.alloc(layout);
        if !piece.is_null() {
            System.dealloc(piece, layout);
        }
    }
}

// SAFETY: all of it is the usual allocator's.
unsafe impl GlobalAlloc for Ahead {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ahead(|| unsafe { System.alloc(layout) })
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ahead(|| unsafe { System.alloc_zeroed(layout) })
    }
    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ahead(|| unsafe { System.realloc(place, layout, size) })
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }
}

/// The C library's comparison, which everything that is sorted by texts calls all the time. The compiler's own, which this takes the
/// place of, goes byte by byte: names that begin alike take nearly twice as long.
///
/// # Safety
/// Both are so long.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, length: usize) -> i32 {
    const WORD: usize = size_of::<u64>();
    let mut at = 0;
    while at + WORD <= length {
        let word = |of: *const u8| unsafe { of.add(at).cast::<u64>().read_unaligned() };
        let (x, y) = (word(a), word(b));
        if x != y {
            // WebAssembly's lowest byte is the first in memory.
            let first = (x ^ y).trailing_zeros() & !7;
            return (x >> first & 0xff) as i32 - (y >> first & 0xff) as i32;
        }
        at += WORD;
    }
    while at < length {
        let (x, y) = unsafe { (*a.add(at), *b.add(at)) };
        if x != y {
            return i32::from(x) - i32::from(y);
        }
        at += 1;
    }
    0
}
