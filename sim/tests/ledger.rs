//! The ledger, held against the sources and against what clusters do; and `docs/fidelity.md`, which is written from it
//! (`UPDATE_EXPECT=1`).

#[path = "ledger/page.rs"]
mod page;
#[path = "ledger/sources.rs"]
mod sources;
#[path = "ledger/tried.rs"]
mod tried;
