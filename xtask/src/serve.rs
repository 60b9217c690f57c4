//! `cargo xtask serve`: builds the page, serves it to this machine only, and builds it anew when a source file changes.

use crate::build::{self, Mode, files_below};
use crate::run::{Result, root};
use crate::setup;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

const FIRST_PORT: u16 = 8000;
const LONGEST_REQUEST_LINE: u64 = 8 * 1024;

pub fn command(options: &[String]) -> Result<()> {
    let mut mode = Mode::Release;
    let mut port = None;
    let mut words = options.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--dev" => mode = Mode::Dev,
            "--port" => {
                let number = words.next().and_then(|number| number.parse().ok());
                port = Some(number.ok_or("--port needs a number from 0 to 65535")?);
            }
            other => return Err(format!("serve takes --port N and --dev, not {other:?}")),
        }
    }
    let tools = setup::tools()?;
    build::build(&tools, mode)?;
    let (address, _) = start(&root().join("dist"), port)?;
    println!(
        "\nKubarium is at {address}\n\nSources are watched; a page that is reloaded says when there is a newer one. Ctrl+C ends."
    );
    let mut seen = newest_source()?;
    loop {
        thread::sleep(Duration::from_millis(700));
        let newest = newest_source()?;
        if newest != seen {
            seen = newest;
            if let Err(problem) = build::build(&tools, mode) {
                eprintln!("xtask: {problem}; the last good page is still served");
            }
        }
    }
}

/// Serves a folder in a thread of its own; without a port, the first free one is taken. Returns the page's address.
pub fn start(folder: &Path, port: Option<u16>) -> Result<(String, thread::JoinHandle<()>)> {
    let listener = match port {
        Some(port) => TcpListener::bind((Ipv4Addr::LOCALHOST, port)),
        None => (FIRST_PORT..FIRST_PORT + 100)
            .find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
            .map_or_else(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)), Ok),
    };
    let listener = listener.map_err(|problem| format!("cannot listen on 127.0.0.1: {problem}"))?;
    let address = listener.local_addr().map_err(|problem| problem.to_string())?;
    let folder = folder.to_path_buf();
    let server = thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            // A client that goes away in the middle of an answer is no problem of ours.
            thread::spawn(move || drop(answer(stream, &folder)));
        }
    });
    Ok((format!("http://{address}/"), server))
}

fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(std::io::Read::take(&stream, LONGEST_REQUEST_LINE));
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or("/"));
    let found = file_of(folder, target).and_then(|path| Some((fs::read(&path).ok()?, kind(&path))));
    let (status, (body, kind)) = match (method, found) {
        ("GET" | "HEAD", Some(found)) => ("200 OK", found),
        ("GET" | "HEAD", None) => ("404 Not Found", (b"There is no such file.\n".to_vec(), "text/plain")),
        _ => ("405 Method Not Allowed", (b"Only GET and HEAD.\n".to_vec(), "text/plain")),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\n\
         X-Content-Type-Options: nosniff\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    if method != "HEAD" {
        stream.write_all(&body)?;
    }
    stream.flush()
}

/// The file that an address asks for; never one outside the folder.
fn file_of(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.trim_start_matches('/');
    let ordinary = path.split('/').all(|part| part != ".." && !part.contains(['\\', '%', ':', '\0']));
    if !ordinary {
        return None;
    }
    let path = folder.join(path);
    Some(if path.is_dir() { path.join("index.html") } else { path })
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|kind| kind.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("yaml" | "yml" | "txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// When a file that the page is made of was last changed.
fn newest_source() -> Result<Option<SystemTime>> {
    let mut newest = None;
    for place in ["src", "sim", "lesson", "static"] {
        for file in files_below(&root().join(place))? {
            newest = newest.max(changed(&file));
        }
    }
    for file in ["index.html", "Cargo.toml", "Cargo.lock"] {
        newest = newest.max(changed(&root().join(file)));
    }
    Ok(newest)
}

fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_folder_are_served() {
        let folder = root().join("xtask");
        let check = |target, expect: Option<&str>| {
            assert_eq!(file_of(&folder, target), expect.map(|path| folder.join(path)));
        };
        check("/Cargo.toml", Some("Cargo.toml"));
        check("/src/main.rs?v=1#top", Some("src/main.rs"));
        check("/", Some("index.html"));
        check("/../Cargo.toml", None);
        check("/%2e%2e/Cargo.toml", None);
        check("//etc/passwd", Some("etc/passwd"));
        check("/src\\main.rs", None);
    }
}
