//! The program in parts: what opening the page needs, what a cluster at work needs, and the rest. Each but the first is fetched behind
//! the one before.
//!
//! `watch` makes a module that tells which of its functions are called, `split` makes the parts. They share memory, table and globals. In
//! a part each function of a later one is a stub: it has the next part loaded at once should it be missing still, and then calls through
//! the table, into which the next part has put its own functions and its own stubs. So nothing in the program knows of the split, and a
//! function on the wrong side costs time but never breaks. Constants that only later parts can reach come with them.

mod constants;

use crate::run::{Result, about};
use constants::Constants;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::Path;
use walrus::ir::{Instr, InstrLocId, UnaryOp, Value, Visitor, dfs_in_order};
use walrus::{
    ConstExpr, DataKind, ElementItems, ElementKind, ExportItem, FunctionBuilder, FunctionId, FunctionKind, GlobalId,
    GlobalKind, ImportedFunction, Module, ModuleConfig, TableId, ValType,
};

/// The program's own exported function that loads what the first part lacks and returns when it is there. Later parts, which wasm-bindgen
/// knows nothing of, import the like of it from the page.
const REST: &str = "kubarium_rest";
/// Under this name later parts import what the earlier ones have.
const EARLIER: &str = "earlier";
/// Under this name they import what the page does for them.
const PAGE: &str = "page";

/// `module`, calling `watch.called(N)` at the start of its function N.
pub fn watch(module: &Path, to: &Path) -> Result<()> {
    let mut module = read(module)?;
    let ty = module.types.add(&[ValType::I32], &[]);
    let (called, _) = module.add_import_func("watch", "called", ty);
    for (number, id) in local_functions(&module).into_iter().enumerate() {
        let function = module.funcs.get_mut(id).kind.unwrap_local_mut();
        function.builder_mut().func_body().const_at(0, Value::I32(number as i32)).call_at(1, called);
    }
    write(module, to)
}

/// Splits `module` into the files `parts`. A function belongs to the first part whose `called` has its number, or to the last. `linked` is
/// the module as the linker made it.
pub fn split(linked: &Path, module: &Path, called: &[BTreeSet<usize>], parts: &[&Path]) -> Result<()> {
    let constants = Constants::read(&fs::read(linked).map_err(about(linked))?)?;
    let whole = read(module)?;
    let moved: Vec<Moved> = seams(&whole, called)?.iter().map(|seam| moved(&whole, seam, &constants)).collect();
    // What the parts behind import.
    let mut wanted = BTreeSet::new();
    for (number, path) in parts.iter().enumerate().rev() {
        let mut part = read(module)?;
        let seams = seams(&part, called)?;
        let (before, after) = (number.checked_sub(1).map(|n| &seams[n]), seams.get(number));
        let shared = shared(&part);
        let own = |id: &FunctionId| before.is_none_or(|seam| seam.away.contains(id));
        let behind = after.map_or(&[][..], |seam| &moved[seam.number]);
        lengthen(&mut part, seams.last());
        match before {
            Some(seam) => {
                seam.cut_before(&mut part);
                carry(&mut part, &whole, without(moved[seam.number].clone(), behind));
            }
            None => forget(&mut part, behind),
        }
        if let Some(seam) = after {
            seam.cut_behind(&mut part)?;
        }
        for (name, item) in &shared {
            let here = match item {
                ExportItem::Function(id) => own(id) && after.is_none_or(|seam| !seam.away.contains(id)),
                _ => before.is_none(),
            };
            if here && wanted.contains(name) {
                part.exports.add(name, *item);
            }
        }
        walrus::passes::gc::run(&mut part);
        wanted.extend(part.imports.iter().filter(|import| import.module == EARLIER).map(|import| import.name.clone()));
        write(part, path)?;
    }
    Ok(())
}

fn seams(module: &Module, called: &[BTreeSet<usize>]) -> Result<Vec<Seam>> {
    let mut seams: Vec<Seam> = vec![];
    for number in 0..called.len() {
        let upto = called[..=number].iter().flatten().copied().collect();
        seams.push(Seam::of(module, number, &upto, seams.last())?);
    }
    Ok(seams)
}

/// Where a part meets those behind it. All are read from the same bytes, so that things have the same numbers in each.
struct Seam {
    number: usize,
    /// The functions of the parts behind.
    away: BTreeSet<FunctionId>,
    /// Those of them that are known before it, and for each its place in the table.
    stubs: BTreeMap<FunctionId, u32>,
    table: TableId,
    /// How long the table is without the stubs' places.
    own_places: u32,
}

impl Seam {
    fn of(module: &Module, number: usize, called: &BTreeSet<usize>, before: Option<&Seam>) -> Result<Seam> {
        let table = module.tables.main_function_table().map_err(text)?.ok_or("the module has no table")?;
        let own_places = match before {
            Some(seam) => seam.places(),
            None => u32::try_from(module.tables.get(table).initial).map_err(text)?,
        };
        let loading = called_by(module, module.exports.get_func(REST).map_err(text)?);
        let rest = |(place, id): (usize, FunctionId)| {
            (!called.contains(&place) && !loading.contains(&id) && !is_everyday(module, id, number)).then_some(id)
        };
        let away: BTreeSet<FunctionId> = local_functions(module).into_iter().enumerate().filter_map(rest).collect();
        let mut known = Named::default();
        for (_, function) in module.funcs.iter_local().filter(|(id, _)| !away.contains(id)) {
            dfs_in_order(&mut known, function, function.entry_block());
        }
        for element in module.elements.iter() {
            if let ElementItems::Functions(ids) = &element.items {
                known.0.extend(ids);
            }
        }
        known.0.extend(module.exports.iter().filter_map(|export| match export.item {
            ExportItem::Function(id) => Some(id),
            _ => None,
        }));
        let stubs = known.0.intersection(&away).copied().zip(own_places..).collect();
        Ok(Seam { number, away, stubs, table, own_places })
    }

    /// How long the table is with the stubs' places.
    fn places(&self) -> u32 {
        self.own_places + self.stubs.len() as u32
    }

    /// Of the global that says whether what is behind is there.
    fn arrived(&self) -> String {
        format!("arrived{}", self.number)
    }

    /// All that is before becomes an import, and what is known of here is put into the table.
    fn cut_before(&self, module: &mut Module) {
        for id in module.exports.iter().map(|export| export.id()).collect::<Vec<_>>() {
            module.exports.delete(id);
        }
        for id in module.elements.iter().map(|element| element.id()).collect::<Vec<_>>() {
            module.elements.delete(id);
        }
        for id in module.data.iter().map(|data| data.id()).collect::<Vec<_>>() {
            module.data.delete(id);
        }
        for id in module.imports.iter().map(|import| import.id()).collect::<Vec<_>>() {
            module.imports.delete(id);
        }
        self.import_all(module);
        let offset = ConstExpr::Value(Value::I32(self.own_places as i32));
        let items = ElementItems::Functions(self.stubs.keys().copied().collect());
        let element = module.elements.add(ElementKind::Active { table: self.table, offset }, items);
        module.tables.get_mut(self.table).elem_segments.insert(element);
        let arrived = add_flag(module);
        let import = module.imports.add(EARLIER, &self.arrived(), arrived);
        module.globals.get_mut(arrived).kind = GlobalKind::Import(import);
        let mut start = FunctionBuilder::new(&mut module.types, &[], &[]);
        start.func_body().i32_const(1).global_set(arrived);
        module.start = Some(start.finish(vec![], &mut module.funcs));
    }

    fn import_all(&self, module: &mut Module) {
        for (name, item) in shared(module) {
            match item {
                ExportItem::Function(id) if self.away.contains(&id) => {}
                ExportItem::Function(id) => {
                    let import = module.imports.add(EARLIER, &name, id);
                    let ty = module.funcs.get(id).ty();
                    module.funcs.get_mut(id).kind = FunctionKind::Import(ImportedFunction { import, ty });
                }
                ExportItem::Global(id) => {
                    let import = module.imports.add(EARLIER, &name, id);
                    module.globals.get_mut(id).kind = GlobalKind::Import(import);
                }
                ExportItem::Memory(id) => {
                    let import = module.imports.add(EARLIER, &name, id);
                    let memory = module.memories.get_mut(id);
                    memory.import = Some(import);
                    memory.data_segments.clear();
                }
                ExportItem::Table(id) => {
                    let import = module.imports.add(EARLIER, &name, id);
                    let table = module.tables.get_mut(id);
                    table.import = Some(import);
                    table.elem_segments.clear();
                }
                ExportItem::Tag(_) => unreachable!("Rust without unwinding has no exceptions"),
            }
        }
    }

    /// Each function that is behind becomes a stub.
    fn cut_behind(&self, module: &mut Module) -> Result<()> {
        let arrived = add_flag(module);
        let load = match module.exports.get_func(REST) {
            Ok(function) => function,
            Err(_) => {
                let ty = module.types.add(&[], &[]);
                module.add_import_func(PAGE, "load", ty).0
            }
        };
        for (id, place) in &self.stubs {
            let ty = module.funcs.get(*id).ty();
            let (params, results) = module.types.params_results(ty);
            let (params, results) = (params.to_vec(), results.to_vec());
            let mut stub = FunctionBuilder::new(&mut module.types, &params, &results);
            let args: Vec<_> = params.iter().map(|ty| module.locals.add(*ty)).collect();
            let mut body = stub.func_body();
            body.global_get(arrived).unop(UnaryOp::I32Eqz);
            body.if_else(
                None,
                |then| {
                    then.call(load);
                },
                |_| (),
            );
            for arg in &args {
                body.local_get(*arg);
            }
            body.i32_const(*place as i32).call_indirect(ty, self.table);
            let stub = stub.local_func(args);
            module.funcs.get_mut(*id).kind = FunctionKind::Local(stub);
        }
        module.exports.add(&self.arrived(), ExportItem::Global(arrived));
        Ok(())
    }
}

/// The table has places for all stubs in every part.
fn lengthen(module: &mut Module, last: Option<&Seam>) {
    let Some(seam) = last else { return };
    let table = module.tables.get_mut(seam.table);
    let more = u64::from(seam.places()) - table.initial;
    table.initial += more;
    table.maximum = table.maximum.map(|most| most + more);
}

/// Where constants lie, in order, apart.
type Moved = Vec<Range<u32>>;

/// The constants that only what is behind a seam can reach. Only of what never changes: a later part would undo what an earlier one has
/// written.
fn moved(module: &Module, seam: &Seam, constants: &Constants) -> Moved {
    let mut numbers = Numbers::default();
    for (_, function) in module.funcs.iter_local().filter(|(id, _)| !seam.away.contains(id)) {
        dfs_in_order(&mut numbers, function, function.entry_block());
    }
    let kept = constants.reached(&numbers.0);
    let moved = without(constants.all(), &kept);
    moved.into_iter().filter(|place| fixed(module, place).is_some()).collect()
}

/// The bytes at a place in the module's constants.
fn fixed<'a>(module: &'a Module, place: &Range<u32>) -> Option<&'a [u8]> {
    module.data.iter().filter(|data| data.name.as_deref().is_some_and(|name| name.starts_with(".rodata"))).find_map(
        |data| {
            let at = place.start.checked_sub(address(&data.kind)?)? as usize;
            data.value.get(at..at + place.len())
        },
    )
}

/// The part brings these constants.
fn carry(part: &mut Module, whole: &Module, places: Moved) {
    let memory = part.memories.iter().next().expect("the module has a memory").id();
    for place in places {
        let Some(bytes) = fixed(whole, &place) else { continue };
        let offset = ConstExpr::Value(Value::I32(place.start as i32));
        let data = part.data.add(DataKind::Active { memory, offset }, bytes.to_vec());
        part.memories.get_mut(memory).data_segments.insert(data);
    }
}

/// The part has nothing but zeros at these places, which cost nothing to download.
fn forget(part: &mut Module, places: &[Range<u32>]) {
    for id in part.data.iter().map(|data| data.id()).collect::<Vec<_>>() {
        let data = part.data.get_mut(id);
        let Some(start) = address(&data.kind) else { continue };
        for place in places.iter().filter(|place| place.start >= start) {
            let at = (place.start - start) as usize;
            data.value.get_mut(at..at + place.len()).into_iter().for_each(|bytes| bytes.fill(0));
        }
    }
}

/// What of `places` is not in `kept`; both are in order and apart.
fn without(places: Vec<Range<u32>>, kept: &[Range<u32>]) -> Vec<Range<u32>> {
    let mut left = vec![];
    for place in places {
        let mut from = place.start;
        for keep in kept.iter().filter(|keep| keep.start < place.end && keep.end > place.start) {
            left.extend((keep.start > from).then_some(from..keep.start));
            from = keep.end.min(place.end);
        }
        left.extend((place.end > from).then_some(from..place.end));
    }
    left
}

/// Where in memory data goes.
fn address(kind: &DataKind) -> Option<u32> {
    match kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(address)), .. } => Some(*address as u32),
        _ => None,
    }
}

/// The numbers in the code that may be addresses.
#[derive(Default)]
struct Numbers(BTreeSet<u32>);

impl<'a> Visitor<'a> for Numbers {
    fn visit_instr(&mut self, instr: &'a Instr, _: &'a InstrLocId) {
        match instr {
            Instr::Const(walrus::ir::Const { value: Value::I32(number) }) => drop(self.0.insert(*number as u32)),
            Instr::Load(load) => drop(self.0.insert(load.arg.offset as u32)),
            Instr::Store(store) => drop(self.0.insert(store.arg.offset as u32)),
            _ => {}
        }
    }
}

/// Whether a function stays before a seam although no rehearsal has called it: what hash tables do depends on what collides in them, and a
/// short one is not worth a stub. In the first part, of which every byte counts, that is said of the libraries and the page only.
fn is_everyday(module: &Module, id: FunctionId, seam: usize) -> bool {
    /// In instructions.
    const SHORT: [u64; 2] = [12, 40];
    let function = module.funcs.get(id);
    let name = function.name.as_deref().unwrap_or_default();
    let short = || matches!(&function.kind, FunctionKind::Local(local) if local.size() <= SHORT[seam]);
    name.contains("hashbrown") || ((seam > 0 || !name.contains("kubarium_sim")) && short())
}

/// A function and all that it calls, directly or not: what has the rest loaded can need nothing of it.
fn called_by(module: &Module, function: FunctionId) -> BTreeSet<FunctionId> {
    let mut open = vec![function];
    let mut all = BTreeSet::new();
    while let Some(id) = open.pop() {
        if all.insert(id)
            && let FunctionKind::Local(function) = &module.funcs.get(id).kind
        {
            let mut named = Named::default();
            dfs_in_order(&mut named, function, function.entry_block());
            open.extend(named.0);
        }
    }
    all
}

/// The functions that are named in the code.
#[derive(Default)]
struct Named(BTreeSet<FunctionId>);

impl<'a> Visitor<'a> for Named {
    fn visit_function_id(&mut self, id: &FunctionId) {
        self.0.insert(*id);
    }
}

/// All that the parts may share, by the name under which they do: a number, as names are bytes to download.
fn shared(module: &Module) -> Vec<(String, ExportItem)> {
    let functions = module.funcs.iter().map(|f| (format!("f{}", f.id().index()), ExportItem::Function(f.id())));
    let globals = module.globals.iter().map(|g| (format!("g{}", g.id().index()), ExportItem::Global(g.id())));
    let memories = module.memories.iter().map(|m| (format!("m{}", m.id().index()), ExportItem::Memory(m.id())));
    let tables = module.tables.iter().map(|t| (format!("t{}", t.id().index()), ExportItem::Table(t.id())));
    functions.chain(globals).chain(memories).chain(tables).collect()
}

fn add_flag(module: &mut Module) -> GlobalId {
    module.globals.add_local(ValType::I32, true, false, ConstExpr::Value(Value::I32(0)))
}

/// In the order of the module: a function's number is its place here.
fn local_functions(module: &Module) -> Vec<FunctionId> {
    module.funcs.iter_local().map(|(id, _)| id).collect()
}

/// Without what the linker says of it, which would be wrong of a changed module.
fn read(path: &Path) -> Result<Module> {
    let bytes = fs::read(path).map_err(about(path))?;
    let mut module = ModuleConfig::new().generate_producers_section(false).parse(&bytes).map_err(text)?;
    for name in ["linking", "reloc.CODE", "reloc.DATA"] {
        module.customs.remove_raw(name);
    }
    Ok(module)
}

fn write(mut module: Module, to: &Path) -> Result<()> {
    fs::write(to, module.emit_wasm()).map_err(about(to))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_cut_out_of_what_moves() {
        let check = |kept: &[Range<u32>], expect: &[Range<u32>]| {
            assert_eq!(without(vec![0..10, 20..30], kept), expect, "{kept:?}");
        };
        check(&[], &[0..10, 20..30]);
        check(&[3..5, 8..22], &[0..3, 5..8, 22..30]);
        check(&[0..10, 15..40], &[]);
        check(&[10..20, 30..31], &[0..10, 20..30]);
    }
}
