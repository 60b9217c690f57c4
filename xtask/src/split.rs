//! The program in two modules: the one that opening the page needs, and the rest, which is fetched behind the first picture.
//!
//! `watch` makes a module that tells which of its functions are called, `split` makes the two. They share memory, table
//! and globals. In the first module each function of the rest is a stub: it has the rest loaded at once should it be
//! missing still (`REST`), and then calls through the table, into which the rest has put itself. So nothing in the
//! program knows of the split, and a function on the wrong side costs time but never breaks. Constants that only the rest can
//! reach come with it.

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

/// The program's own exported function that loads the rest and returns when it is there.
const REST: &str = "kubarium_rest";
/// Under this name the rest imports from the first module.
const FIRST: &str = "first";
/// The global that says whether the rest is there.
const ARRIVED: &str = "arrived";

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

/// Splits `module` so that `first` has the functions with the numbers `called`, and `rest` the others. `linked` is the module as
/// the linker made it.
pub fn split(linked: &Path, module: &Path, called: &BTreeSet<usize>, first: &Path, rest: &Path) -> Result<()> {
    let constants = Constants::read(&fs::read(linked).map_err(about(linked))?)?;
    let mut second = read(module)?;
    let seam = Seam::of(&second, called)?;
    let moved = moved(&second, &seam, &constants);
    let wanted = seam.make_rest(&mut second, &moved);
    write(second, rest)?;
    let mut primary = read(module)?;
    Seam::of(&primary, called)?.make_first(&mut primary, &wanted, &moved)?;
    write(primary, first)
}

/// Where the two halves meet. Both are read from the same bytes, so that things have the same numbers in both.
struct Seam {
    /// The functions of the rest.
    away: BTreeSet<FunctionId>,
    /// Those of them that the first module knows of, and for each its place in the table.
    stubs: BTreeMap<FunctionId, u32>,
    table: TableId,
    /// How long the table is without the stubs' places.
    own_places: u32,
}

impl Seam {
    fn of(module: &Module, called: &BTreeSet<usize>) -> Result<Seam> {
        let table = module.tables.main_function_table().map_err(text)?.ok_or("the module has no table")?;
        let own_places = u32::try_from(module.tables.get(table).initial).map_err(text)?;
        let loading = called_by(module, module.exports.get_func(REST).map_err(text)?);
        let rest = |(number, id): (usize, FunctionId)| {
            (!called.contains(&number) && !loading.contains(&id) && !is_everyday(module, id)).then_some(id)
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
        Ok(Seam { away, stubs, table, own_places })
    }

    /// All but the functions of the rest becomes an import. Returns the names of what is imported in the end.
    fn make_rest(&self, module: &mut Module, moved: &Moved) -> BTreeSet<String> {
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
        module.start = None;
        self.import_all(module);
        let memory = module.memories.iter().next().expect("the module has a memory").id();
        for (address, bytes) in moved {
            let offset = ConstExpr::Value(Value::I32(*address as i32));
            let data = module.data.add(DataKind::Active { memory, offset }, bytes.clone());
            module.memories.get_mut(memory).data_segments.insert(data);
        }
        self.lengthen(module);
        let offset = ConstExpr::Value(Value::I32(self.own_places as i32));
        let items = ElementItems::Functions(self.stubs.keys().copied().collect());
        let element = module.elements.add(ElementKind::Active { table: self.table, offset }, items);
        module.tables.get_mut(self.table).elem_segments.insert(element);
        let arrived = add_flag(module);
        let import = module.imports.add(FIRST, ARRIVED, arrived);
        module.globals.get_mut(arrived).kind = GlobalKind::Import(import);
        let mut start = FunctionBuilder::new(&mut module.types, &[], &[]);
        start.func_body().i32_const(1).global_set(arrived);
        module.start = Some(start.finish(vec![], &mut module.funcs));
        walrus::passes::gc::run(module);
        module.imports.iter().map(|import| import.name.clone()).collect()
    }

    fn import_all(&self, module: &mut Module) {
        for (name, item) in shared(module) {
            match item {
                ExportItem::Function(id) if self.away.contains(&id) => {}
                ExportItem::Function(id) => {
                    let import = module.imports.add(FIRST, &name, id);
                    let ty = module.funcs.get(id).ty();
                    module.funcs.get_mut(id).kind = FunctionKind::Import(ImportedFunction { import, ty });
                }
                ExportItem::Global(id) => {
                    let import = module.imports.add(FIRST, &name, id);
                    module.globals.get_mut(id).kind = GlobalKind::Import(import);
                }
                ExportItem::Memory(id) => {
                    let import = module.imports.add(FIRST, &name, id);
                    let memory = module.memories.get_mut(id);
                    memory.import = Some(import);
                    memory.data_segments.clear();
                }
                ExportItem::Table(id) => {
                    let import = module.imports.add(FIRST, &name, id);
                    let table = module.tables.get_mut(id);
                    table.import = Some(import);
                    table.elem_segments.clear();
                }
                ExportItem::Tag(_) => unreachable!("Rust without unwinding has no exceptions"),
            }
        }
    }

    fn make_first(&self, module: &mut Module, wanted: &BTreeSet<String>, moved: &Moved) -> Result<()> {
        let shared = shared(module);
        self.lengthen(module);
        let arrived = add_flag(module);
        let load = module.exports.get_func(REST).map_err(text)?;
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
        for (name, item) in shared.into_iter().chain([(ARRIVED.to_string(), ExportItem::Global(arrived))]) {
            if wanted.contains(&name) {
                module.exports.add(&name, item);
            }
        }
        for id in module.data.iter().map(|data| data.id()).collect::<Vec<_>>() {
            let data = module.data.get_mut(id);
            if let Some(start) = address(&data.kind) {
                for (address, bytes) in moved.iter().filter(|(address, _)| **address >= start) {
                    let at = (address - start) as usize;
                    data.value.get_mut(at..at + bytes.len()).into_iter().for_each(|place| place.fill(0));
                }
            }
        }
        walrus::passes::gc::run(module);
        Ok(())
    }

    /// The table has places for the stubs in both.
    fn lengthen(&self, module: &mut Module) {
        let table = module.tables.get_mut(self.table);
        table.initial += self.stubs.len() as u64;
        table.maximum = table.maximum.map(|most| most + self.stubs.len() as u64);
    }
}

/// Constants by their address.
type Moved = BTreeMap<u32, Vec<u8>>;

/// The constants that only the rest can reach. Only of what never changes: the rest would undo what the first has written.
fn moved(module: &Module, seam: &Seam, constants: &Constants) -> Moved {
    let mut numbers = Numbers::default();
    for (_, function) in module.funcs.iter_local().filter(|(id, _)| !seam.away.contains(id)) {
        dfs_in_order(&mut numbers, function, function.entry_block());
    }
    let kept = constants.reached(&numbers.0);
    let fixed = module.data.iter().filter(|data| data.name.as_deref().is_some_and(|name| name.starts_with(".rodata")));
    let mut moved = Moved::new();
    for data in fixed {
        let Some(start) = address(&data.kind) else { continue };
        for place in without(constants.all(), &kept) {
            let bytes = place.start.checked_sub(start).map(|at| at as usize..at as usize + place.len());
            if let Some(bytes) = bytes.and_then(|bytes| data.value.get(bytes)) {
                moved.insert(place.start, bytes.to_vec());
            }
        }
    }
    moved
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

/// Whether a function belongs to the first module although its rehearsal has not called it: what hash tables do depends on what
/// collides in them, and a short one of the libraries or the page is not worth a stub.
fn is_everyday(module: &Module, id: FunctionId) -> bool {
    /// In instructions.
    const SHORT: u64 = 12;
    let function = module.funcs.get(id);
    let name = function.name.as_deref().unwrap_or_default();
    let short = || matches!(&function.kind, FunctionKind::Local(local) if local.size() <= SHORT);
    name.contains("hashbrown") || (!name.contains("kubarium_sim") && short())
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

/// All that the two modules may share, by the name under which they do: a number, as names are bytes to download.
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
