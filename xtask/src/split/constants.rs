//! The program's constants: texts and tables, that memory begins with. The linker says where each one lies and which code and
//! which other constants hold its address (`--emit-relocs`), so it is known which of them a half of the program can reach.

use crate::run::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use wasmparser::{DataKind, KnownCustom, Operator, Parser, Payload, RelocationEntry, RelocationType, SymbolInfo};

#[derive(Default)]
pub struct Constants {
    /// Where each constant lies in memory.
    places: Vec<Range<u32>>,
    /// The same by where they start, and the length of the longest.
    starts: BTreeMap<u32, Vec<usize>>,
    longest: u32,
    /// For each, those whose address it holds.
    holds: Vec<BTreeSet<usize>>,
    /// What a number in the code may be the address of.
    meant: BTreeMap<u32, BTreeSet<usize>>,
}

impl Constants {
    /// Of a module as the linker made it.
    pub fn read(linked: &[u8]) -> Result<Constants> {
        let mut segments: Vec<Segment> = vec![];
        let mut data_section = 0;
        // By the linker's number; none for what is not a constant.
        let mut symbols: Vec<Option<usize>> = vec![];
        let mut constants = Constants::default();
        for payload in Parser::new(0).parse_all(linked) {
            match payload.map_err(text)? {
                Payload::DataSection(section) => {
                    data_section = section.range().start;
                    for data in section {
                        segments.extend(Segment::of(data.map_err(text)?)?);
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            if let wasmparser::Linking::SymbolTable(table) = part.map_err(text)? {
                                for symbol in table {
                                    symbols.push(constants.add(&symbol.map_err(text)?, &segments)?);
                                }
                            }
                        }
                    }
                    KnownCustom::Reloc(relocations) => {
                        let of_data = section.name() == "reloc.DATA";
                        for entry in relocations.entries() {
                            let entry = entry.map_err(text)?;
                            let Some(target) = target(&entry, &symbols) else { continue };
                            if of_data {
                                let at = data_section + entry.offset as usize;
                                let holder = segments.iter().find_map(|segment| segment.address(at));
                                constants.link(holder.ok_or("an address outside of all data")?, target);
                            } else {
                                let number = constants.places[target].start.wrapping_add_signed(entry.addend as i32);
                                constants.meant.entry(number).or_default().insert(target);
                            }
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        if constants.places.is_empty() { Err("the linker names no constants".into()) } else { Ok(constants) }
    }

    fn add(&mut self, symbol: &SymbolInfo, segments: &[Segment]) -> Result<Option<usize>> {
        let SymbolInfo::Data { symbol: Some(place), .. } = symbol else { return Ok(None) };
        let segment = segments.get(place.index as usize).ok_or("a constant outside of all data")?;
        let start = segment.start + place.offset;
        let constant = self.places.len();
        self.places.push(start..start + place.size);
        self.starts.entry(start).or_default().push(constant);
        self.longest = self.longest.max(place.size);
        self.holds.push(BTreeSet::new());
        Ok(Some(constant))
    }

    /// Notes that memory at `holder` has the address of a constant.
    fn link(&mut self, holder: u32, target: usize) {
        for (_, constants) in self.starts.range(holder.saturating_sub(self.longest)..=holder) {
            for constant in constants {
                if self.places[*constant].contains(&holder) {
                    self.holds[*constant].insert(target);
                }
            }
        }
    }

    /// Where lie all constants that code with these numbers in it can come to: in order, apart.
    pub fn reached(&self, numbers: &BTreeSet<u32>) -> Vec<Range<u32>> {
        let mut open: Vec<usize> =
            numbers.iter().filter_map(|number| self.meant.get(number)).flatten().copied().collect();
        let mut reached = BTreeSet::new();
        while let Some(constant) = open.pop() {
            if reached.insert(constant) {
                open.extend(&self.holds[constant]);
            }
        }
        together(reached.into_iter().map(|constant| self.places[constant].clone()).collect())
    }

    /// Where lie all constants: in order, apart.
    pub fn all(&self) -> Vec<Range<u32>> {
        together(self.places.clone())
    }
}

/// A piece of what memory begins with.
struct Segment {
    /// Its address.
    start: u32,
    /// Where its bytes are in the module.
    bytes: Range<usize>,
}

impl Segment {
    /// None for one that has no address of its own.
    fn of(data: wasmparser::Data) -> Result<Option<Segment>> {
        let DataKind::Active { offset_expr, .. } = data.kind else { return Ok(None) };
        let Operator::I32Const { value } = offset_expr.get_operators_reader().read().map_err(text)? else {
            return Err("data whose address is computed".into());
        };
        let end = data.range.end;
        Ok(Some(Segment { start: value as u32, bytes: end - data.data.len()..end }))
    }

    fn address(&self, at: usize) -> Option<u32> {
        self.bytes.contains(&at).then(|| self.start + (at - self.bytes.start) as u32)
    }
}

/// The constant whose address a place in the module holds.
fn target(entry: &RelocationEntry, symbols: &[Option<usize>]) -> Option<usize> {
    use RelocationType::*;
    let address = matches!(entry.ty, MemoryAddrLeb | MemoryAddrSleb | MemoryAddrI32);
    symbols.get(entry.index as usize).copied().flatten().filter(|_| address)
}

fn together(mut places: Vec<Range<u32>>) -> Vec<Range<u32>> {
    places.sort_by_key(|place| place.start);
    let mut apart: Vec<Range<u32>> = vec![];
    for place in places {
        match apart.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => apart.push(place),
        }
    }
    apart
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
