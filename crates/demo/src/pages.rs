//! The pages' files, read from one folder at each request: edit, reload, look.

use std::io;
use std::path::{Path, PathBuf};

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::origin::Origin;

/// The folder and what is written into its pages.
#[derive(Clone, Debug)]
pub struct Pages {
    /// The folder, `web/demo` in the repository.
    pub folder: PathBuf,
    /// Replaces `__RELAY__` in pages and scripts.
    pub relay: Origin,
    /// Replaces `__SANDBOX__` in pages and scripts.
    pub sandbox: Origin,
}

/// A kind of file that is served. Any other stays where it is: `relay.toml` lies in the same folder.
#[derive(Clone, Copy)]
enum Kind {
    Page,
    Script,
    Style,
    Picture,
}

impl Kind {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "html" => Some(Self::Page),
            "js" => Some(Self::Script),
            "css" => Some(Self::Style),
            "svg" => Some(Self::Picture),
            _ => None,
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Page => "text/html; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
            Self::Style => "text/css; charset=utf-8",
            Self::Picture => "image/svg+xml",
        }
    }
}

impl Pages {
    /// The file for a URL's decoded path, `None` if there is none. A path that ends in `/` gets
    /// that folder's `index.html`.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub async fn get(&self, url_path: &str) -> io::Result<Option<Response>> {
        let Some((path, kind)) = self.locate(url_path) else {
            return Ok(None);
        };
        let text = match tokio::fs::read_to_string(path).await {
            Ok(text) => text,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let text = match kind {
            Kind::Page | Kind::Script => text
                .replace("__RELAY__", self.relay.as_str())
                .replace("__SANDBOX__", self.sandbox.as_str()),
            Kind::Style | Kind::Picture => text,
        };
        let head = [
            (header::CONTENT_TYPE, kind.content_type()),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        Ok(Some((head, text).into_response()))
    }

    /// Where the file would be. Only plain names are followed, so no path leaves the folder.
    fn locate(&self, url_path: &str) -> Option<(PathBuf, Kind)> {
        let mut path = self.folder.clone();
        let relative = url_path.strip_prefix('/')?;
        let (folders, file) = relative.rsplit_once('/').unwrap_or(("", relative));
        for name in folders.split('/').filter(|_| !folders.is_empty()) {
            path.push(plain(name)?);
        }
        path.push(if file.is_empty() {
            "index.html"
        } else {
            plain(file)?
        });
        let kind = Kind::of(&path)?;
        Some((path, kind))
    }
}

/// A name of letters, digits, `-`, `_` and `.` that does not begin with a dot.
fn plain(name: &str) -> Option<&str> {
    let of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!name.is_empty() && !name.starts_with('.') && name.chars().all(of_a_name)).then_some(name)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
