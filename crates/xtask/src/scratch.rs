//! Folders that do not outlive their use.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// An empty folder that goes away with the value, whatever happens.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder, without what an interrupted run left in it.
    pub fn new(path: PathBuf) -> Result<Self> {
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The next run removes what this one could not.
        let _ = fs::remove_dir_all(&self.0);
    }
}
