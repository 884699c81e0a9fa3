//! The built site: every link inside of it leads somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::links::normal;

/// What one page links to, and the places that it has.
struct Page {
    links: Vec<String>,
    places: BTreeSet<String>,
}

/// Fails with every relative link or place that is not there. What rustdoc made is its own business: it is linked
/// to, but not looked through.
pub fn check(site: &Path, not_through: &Path) -> Result<usize> {
    let mut pages = BTreeMap::new();
    for file in html(site)? {
        if !file.starts_with(not_through) {
            let text = fs::read_to_string(&file)?;
            pages.insert(file, read(&text));
        }
    }
    let mut wrong = String::new();
    let mut links = 0;
    for (file, page) in &pages {
        for link in &page.links {
            links += 1;
            if let Some(why) = broken(&pages, file, page, link) {
                let name = file.strip_prefix(site).unwrap_or(file);
                let _ = writeln!(wrong, "{}: {link} {why}", name.display());
            }
        }
    }
    if wrong.is_empty() {
        return Ok(links);
    }
    bail!("links of the site that lead nowhere:\n{}", wrong.trim_end())
}

fn broken(pages: &BTreeMap<PathBuf, Page>, file: &Path, page: &Page, link: &str) -> Option<String> {
    let (path, place) = match link.split_once('#') {
        Some((path, place)) => (path, Some(place)),
        None => (link, None),
    };
    let path = path.split('?').next().unwrap_or(path);
    let target = match path {
        "" => file.to_path_buf(),
        path => normal(&file.parent()?.join(percent_decoded(path))),
    };
    let target = if target.is_dir() {
        target.join("index.html")
    } else {
        target
    };
    if !target.is_file() {
        return Some("is not there".to_owned());
    }
    let place = percent_decoded(place?);
    let there = if target == file {
        page.places.contains(&place)
    } else {
        pages.get(&target)?.places.contains(&place)
    };
    // An empty place is the top of the page.
    (!there && !place.is_empty()).then(|| "has no such place".to_owned())
}

/// The links and places in the tags of a page; what scripts and comments have is none.
fn read(text: &str) -> Page {
    let mut page = Page {
        links: Vec::new(),
        places: BTreeSet::new(),
    };
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (name, attributes, after) = tag(rest);
        rest = after;
        for (key, value) in attributes {
            match key {
                "id" => {
                    page.places.insert(unescaped(value));
                }
                "name" if name == "a" => {
                    page.places.insert(unescaped(value));
                }
                "href" | "src" if is_inside(value) => page.links.push(unescaped(value)),
                _ => {}
            }
        }
        for raw in ["script", "style"] {
            if name == raw {
                let end = format!("</{raw}");
                rest = rest.split_once(&end).map_or("", |(_, after)| after);
            }
        }
    }
    page
}

/// A tag's name, its attributes, and what comes after it.
fn tag(text: &str) -> (&str, Vec<(&str, &str)>, &str) {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '>' | '/');
    let (name, mut rest) = text.split_at(text.find(is_end).unwrap_or(text.len()));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            return (name, attributes, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (name, attributes, after);
        }
        let is_end = |c: char| c.is_whitespace() || matches!(c, '>' | '/' | '=');
        let (key, after) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
        if key.is_empty() {
            // A sign that begins no attribute.
            rest = rest.get(1..).unwrap_or("");
            continue;
        }
        rest = after;
        let Some(value) = rest.strip_prefix('=') else {
            attributes.push((key, ""));
            continue;
        };
        let (value, after) = match value.strip_prefix(['"', '\'']) {
            Some(quoted) => {
                let quote = value.get(..1).unwrap_or("\"");
                quoted.split_once(quote).unwrap_or((quoted, ""))
            }
            None => value.split_at(
                value
                    .find(|c: char| c.is_whitespace() || c == '>')
                    .unwrap_or(value.len()),
            ),
        };
        attributes.push((key, value));
        rest = after;
    }
}

fn is_inside(link: &str) -> bool {
    let scheme = link.split(['/', '#', '?']).next().unwrap_or(link);
    !scheme.contains(':') && !link.starts_with("//")
}

fn unescaped(value: &str) -> String {
    value
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if let (b'%', [high, low, after @ ..]) = (first, after)
            && let Some(byte) = byte(*high, *low)
        {
            bytes.push(byte);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn byte(high: u8, low: u8) -> Option<u8> {
    let digit = |c: u8| char::from(c).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn html(folder: &Path) -> Result<Vec<PathBuf>> {
    let files = crate::web::files(folder)?;
    let is_html = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "html");
    Ok(files.into_iter().filter(is_html).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_places_are_read_from_tags_alone() {
        let page = read(
            r##"<!-- <a href="no"> --><h2 id="a">x</h2><a class=x href='b.html#c'>y</a>
            <script>"<a href='no'>"</script><img src="p.png"/><a href="https://example.com/">z</a>"##,
        );
        assert_eq!(page.links, ["b.html#c", "p.png"]);
        assert!(page.places.contains("a"));
    }

    #[test]
    fn a_link_is_broken_where_file_or_place_is_missing() {
        let folder = std::env::temp_dir().join(format!("xtask-site-{}", std::process::id()));
        fs::create_dir_all(folder.join("rust")).unwrap();
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        write(
            "a.html",
            r##"<a id="x" href="b.html#%C3%A4"></a><a href="rust/"></a>"##,
        );
        write("b.html", r##"<a id="ä" href="a.html#x"></a>"##);
        write("rust/index.html", r##"<a href="nowhere"></a>"##);
        let whole = check(&folder, &folder.join("rust"));
        write(
            "b.html",
            r##"<a href="a.html#y"></a><a href="c.html"></a>"##,
        );
        let broken = check(&folder, &folder.join("rust"));
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(whole.unwrap(), 3);
        let broken = broken.unwrap_err().to_string();
        for part in ["a.html#y", "c.html is not there", "b.html#"] {
            assert!(broken.contains(part), "{part}: {broken}");
        }
    }
}
