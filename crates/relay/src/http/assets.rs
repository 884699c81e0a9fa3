//! The built widget. All of it is read at start, so a path can name nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;

use super::problem::Problem;
use crate::random;

/// The most bytes of all files together: more is a folder given by mistake.
const MAX_TOTAL: u64 = 64 * 1024 * 1024;

/// What pages name in their markup, and the licences of what is bundled: revalidated with every visit.
pub const LOADERS: [&str; 9] = [
    "patchcord.js",
    "patchcord-panel.js",
    "patchcord-scan.js",
    "patchcord-numbers.js",
    "patchcord-campaign.js",
    "patchcord-host.js",
    "patchcord-frame.js",
    "patchcord-signed-in.js",
    "notices.txt",
];

/// The files by their path, as `/patchcord.js`.
#[derive(Debug, Clone, Default)]
pub struct Assets(Arc<BTreeMap<String, File>>);

#[derive(Debug)]
struct File {
    content_type: HeaderValue,
    etag: HeaderValue,
    plain: Bytes,
    brotli: Option<Bytes>,
}

/// Why the folder of the widget cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The loader is missing.
    #[error("{0} has no patchcord.js; build the widget first, or leave `web` out")]
    NoLoader(PathBuf),
    /// Too much.
    #[error("{0} holds more than 64 MiB; it is not the built widget")]
    TooLarge(PathBuf),
}

impl Assets {
    /// Reads the loaders ([`LOADERS`]) and everything under `assets/` and `themes/`.
    ///
    /// # Errors
    /// The first file that cannot be read, or a folder that is not the built widget.
    pub fn load(web: &Path) -> Result<Self, AssetError> {
        let mut contents = BTreeMap::new();
        let mut total = 0;
        for name in LOADERS {
            for file in [web.join(name), web.join(format!("{name}.br"))] {
                if file.is_file() {
                    read_file(web, &file, &mut total, &mut contents)?;
                }
            }
        }
        if !contents.contains_key("/patchcord.js") {
            return Err(AssetError::NoLoader(web.to_owned()));
        }
        for folder in ["assets", "themes"].map(|name| web.join(name)) {
            if folder.is_dir() {
                read_folder(web, &folder, &mut total, &mut contents)?;
            }
        }
        let files = contents
            .iter()
            .filter(|(path, _)| !path.ends_with(".br"))
            .filter_map(|(path, plain)| {
                // Weak: the plain and the compressed file share it.
                let etag = format!("W/\"{}\"", random::hex(random::hash(plain).get(..16)?));
                let file = File {
                    content_type: content_type(path),
                    etag: HeaderValue::from_str(&etag).ok()?,
                    plain: plain.clone(),
                    brotli: contents.get(&format!("{path}.br")).cloned(),
                };
                Some((path.clone(), file))
            })
            .collect();
        Ok(Self(Arc::new(files)))
    }
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> AssetError {
    let path = path.to_owned();
    |cause| AssetError::Unreadable { path, cause }
}

fn read_folder(
    web: &Path,
    folder: &Path,
    total: &mut u64,
    into: &mut BTreeMap<String, Bytes>,
) -> Result<(), AssetError> {
    for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        if path.is_dir() {
            read_folder(web, &path, total, into)?;
        } else {
            read_file(web, &path, total, into)?;
        }
    }
    Ok(())
}

fn read_file(
    web: &Path,
    path: &Path,
    total: &mut u64,
    into: &mut BTreeMap<String, Bytes>,
) -> Result<(), AssetError> {
    *total += std::fs::metadata(path).map_err(unreadable(path))?.len();
    if *total > MAX_TOTAL {
        return Err(AssetError::TooLarge(web.to_owned()));
    }
    let bytes = std::fs::read(path).map_err(unreadable(path))?;
    if let Ok(relative) = path.strip_prefix(web) {
        let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
        into.insert(format!("/{}", parts.join("/")), bytes.into());
    }
    Ok(())
}

fn content_type(path: &str) -> HeaderValue {
    HeaderValue::from_static(
        match path.rsplit_once('.').map(|(_, extension)| extension) {
            Some("js") => "text/javascript; charset=utf-8",
            Some("wasm") => "application/wasm",
            Some("css") => "text/css; charset=utf-8",
            Some("json" | "map") => "application/json",
            Some("svg") => "image/svg+xml",
            Some("html") => "text/html; charset=utf-8",
            Some("txt") => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        },
    )
}

/// The loaders ([`LOADERS`]), `GET /assets/…` and `GET /themes/…`
pub async fn serve(State(assets): State<Assets>, request: Request) -> Response {
    let path = request.uri().path();
    let Some(file) = assets.0.get(path) else {
        return Problem::new(Code::NotFound, "There is no such file.").into_response();
    };
    let mut headers = HeaderMap::new();
    // Loaders and themes keep their names, so they are asked for anew each time; all else has its hash in its path.
    let caching = if path.starts_with("/assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ETAG, file.etag.clone());
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("cross-origin"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if is_current(request.headers(), &file.etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, file.content_type.clone());
    match &file.brotli {
        Some(brotli) if accepts_brotli(request.headers()) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            (headers, brotli.clone()).into_response()
        }
        _ => (headers, file.plain.clone()).into_response(),
    }
}

fn is_current(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let Some(Ok(asked)) = headers.get(header::IF_NONE_MATCH).map(HeaderValue::to_str) else {
        return false;
    };
    let Ok(etag) = etag.to_str().map(opaque) else {
        return false;
    };
    asked
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || opaque(one) == etag)
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let brotli = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("br"));
        brotli
            && parts.all(|part| {
                part.strip_prefix("q=")
                    .is_none_or(|q| q.parse::<f32>().is_ok_and(|q| q > 0.0))
            })
    })
}

/// The tag without its mark of weakness, which a comparison for a GET ignores (RFC 9110, 13.1.2).
fn opaque(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}
