//! Who else on this machine can read the secrets, or change what the relay believes.
//!
//! "Others" are those who are neither the file's owner nor of its group: a group is given on purpose. A folder that
//! others cannot enter protects what is in it.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::Finding;
use crate::config::{Config, IssuerKeys};
use crate::key_file;
use crate::store::Database;

const OTHERS_READ: u32 = 0o004;
const OTHERS_WRITE: u32 = 0o002;
const OTHERS_ENTER: u32 = 0o001;
/// In such a folder only its owner can replace a file.
const STICKY: u32 = 0o1000;

/// What others must not do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// Read or change it.
    Secret,
    /// Change it.
    Unchanged,
}

/// The files that the configuration (the file at `path`) is made of and names. Those that are not there are not
/// judged: they are made, or missed, elsewhere.
pub fn files(path: &Path, config: &Config) -> Vec<Finding> {
    let at_rest = &config.at_rest;
    let (keep, what) = match at_rest.in_text.as_slice() {
        [] => (Keep::Unchanged, String::new()),
        secrets => (Keep::Secret, format!(" (it holds {})", secrets.join(", "))),
    };
    let mut list = vec![(path.to_owned(), keep, what)];
    let mut add = |path: PathBuf, keep| list.push((path, keep, String::new()));
    for file in &at_rest.secret_files {
        add(file.clone(), Keep::Secret);
    }
    for file in &at_rest.other_files {
        add(file.clone(), Keep::Unchanged);
    }
    for issuer in &config.issuers {
        if let IssuerKeys::File(file) = &issuer.keys {
            add(file.clone(), Keep::Unchanged);
        }
    }
    if let Some(tls) = &config.tls {
        add(tls.cert.clone(), Keep::Unchanged);
        add(tls.key.clone(), Keep::Secret);
    }
    if let Database::Sqlite(database) = &config.database {
        add(database.clone(), Keep::Secret);
        for ending in ["-wal", "-shm"] {
            let mut name = database.clone().into_os_string();
            name.push(ending);
            add(name.into(), Keep::Secret);
        }
        if config.encryption_keys.is_empty() {
            add(key_file::beside(database), Keep::Secret);
        }
    }
    let exposed: Vec<_> = list
        .iter()
        .filter_map(|(path, keep, what)| {
            let problem = exposure(path, *keep).transpose()?;
            let problem = problem.unwrap_or_else(|error| format!("cannot be looked at ({error})"));
            let subject = format!("file {}{what}", path.display());
            Some(Finding::new(subject, Err(problem)))
        })
        .collect();
    if exposed.is_empty() {
        let fine = "are out of other users' reach".to_owned();
        return vec![Finding::new("files", Ok(fine))];
    }
    exposed
}

/// What others can do with a file, and what to do about it.
fn exposure(path: &Path, keep: Keep) -> io::Result<Option<String>> {
    // The file itself, wherever links lead.
    let path = match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    let folders = path.ancestors().skip(1);
    for folder in folders.clone() {
        if mode(&fs::metadata(folder)?) & OTHERS_ENTER == 0 {
            return Ok(None);
        }
    }
    let own = mode(&fs::metadata(&path)?);
    let reads = keep == Keep::Secret && own & OTHERS_READ != 0;
    let writes = own & OTHERS_WRITE != 0;
    let shown = path.display();
    Ok(match (reads, writes) {
        (true, true) => Some(format!(
            "every user of this machine can read and change it; `chmod o-rw {shown}`"
        )),
        (true, false) => Some(format!(
            "every user of this machine can read it; `chmod o-r {shown}`"
        )),
        (false, true) => Some(format!(
            "every user of this machine can change it; `chmod o-w {shown}`"
        )),
        (false, false) => match path.parent() {
            Some(folder) if replaceable(&fs::metadata(folder)?) => Some(format!(
                "every user of this machine can put another in its place; `chmod o-w {}`",
                folder.display()
            )),
            _ => None,
        },
    })
}

fn replaceable(folder: &Metadata) -> bool {
    let mode = mode(folder);
    mode & OTHERS_WRITE != 0 && mode & STICKY == 0
}

fn mode(metadata: &Metadata) -> u32 {
    metadata.permissions().mode()
}
