//! The widget's files, for pages anywhere.

use std::path::Path;

use reqwest::Method;

use crate::support::{Answer, World};

fn build(folder: &Path) {
    let web = folder.join("web");
    for folder in ["assets/abc123/texts", "themes"] {
        std::fs::create_dir_all(web.join(folder)).unwrap();
    }
    for (name, text) in [
        ("patchcord.js", "loader"),
        ("patchcord.js.br", "loader-br"),
        ("assets/abc123/widget_bg.wasm", "wasm"),
        ("assets/abc123/widget_bg.wasm.br", "wasm-br"),
        ("assets/abc123/patchcord.css", "css"),
        ("assets/abc123/texts/de.json", "{}"),
        ("themes/paper.css", "theme"),
        ("secret.txt", "not for the web"),
    ] {
        std::fs::write(web.join(name), text).unwrap();
    }
}

async fn world() -> World {
    let seed = World::new().await;
    let World {
        sandbox,
        relay,
        folder,
        ..
    } = seed;
    relay.stop().await;
    build(folder.path());
    let text =
        crate::support::config(&sandbox.url()).replacen("region =", "web = \"web\"\nregion =", 1);
    World::of(sandbox, folder, text).await
}

async fn get(world: &World, path: &str, encodings: &str) -> Answer {
    world
        .ask(Method::GET, path)
        .header("Accept-Encoding", encodings)
        .header("Origin", "https://anywhere.example")
        .send()
        .await
}

#[tokio::test]
async fn files_are_served_compressed_typed_cached_and_for_every_origin() {
    let world = world().await;
    for (path, kind, caching) in [
        (
            "/patchcord.js",
            "text/javascript; charset=utf-8",
            "no-cache",
        ),
        (
            "/assets/abc123/widget_bg.wasm",
            "application/wasm",
            "public, max-age=31536000, immutable",
        ),
        (
            "/assets/abc123/patchcord.css",
            "text/css; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        (
            "/assets/abc123/texts/de.json",
            "application/json",
            "public, max-age=31536000, immutable",
        ),
        // It keeps its name.
        ("/themes/paper.css", "text/css; charset=utf-8", "no-cache"),
    ] {
        let answer = get(&world, path, "gzip, br").await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), kind);
        assert_eq!(answer.header("cache-control"), caching);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            "cross-origin"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("vary"), "accept-encoding");
    }
}

#[tokio::test]
async fn brotli_is_sent_to_those_who_accept_it() {
    let world = world().await;
    for (encodings, expected) in [
        ("gzip, deflate, br, zstd", "loader-br"),
        ("br;q=0.5", "loader-br"),
        ("br;q=0", "loader"),
        ("gzip", "loader"),
        ("", "loader"),
    ] {
        let answer = get(&world, "/patchcord.js", encodings).await;
        assert_eq!(answer.body, expected, "{encodings}");
        assert_eq!(
            answer.header("content-encoding"),
            if expected == "loader" { "" } else { "br" }
        );
    }
    assert_eq!(
        get(&world, "/assets/abc123/patchcord.css", "br")
            .await
            .header("content-encoding"),
        ""
    );
}

#[tokio::test]
async fn the_loader_is_revalidated() {
    let world = world().await;
    let etag = get(&world, "/patchcord.js", "br")
        .await
        .header("etag")
        .to_owned();
    assert!(!etag.is_empty());
    let again = |tag: &str| {
        world
            .ask(Method::GET, "/patchcord.js")
            .header("If-None-Match", tag)
            .send()
    };
    let unchanged = again(&etag).await;
    assert_eq!((unchanged.status, unchanged.body.as_str()), (304, ""));
    assert_eq!(again(&format!("\"x\", {etag}")).await.status, 304);
    assert_eq!(again("\"x\"").await.status, 200);
}

#[tokio::test]
async fn nothing_else_can_be_read() {
    let world = world().await;
    let address = world.relay.url.trim_start_matches("http://").to_owned();
    for path in [
        "/secret.txt",
        "/assets/../secret.txt",
        "/themes/../secret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/..%2f..%2frelay.key",
        "/assets//etc/passwd",
        "/assets/abc123/",
        "/assets/abc123/widget_bg.wasm%00",
        "/assets/abc123/widget_bg.wasm.br",
        "/patchcord.js.br",
        "/assets/abc123\\..\\..\\relay.key",
    ] {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        assert!(
            reply.starts_with("HTTP/1.1 404") || reply.starts_with("HTTP/1.1 400"),
            "{path}: {reply}"
        );
        assert!(!reply.contains("not for the web"), "{path}");
    }
}

#[tokio::test]
async fn without_a_widget_there_are_no_files_and_a_wrong_folder_is_an_error() {
    let world = World::new().await;
    get(&world, "/patchcord.js", "br")
        .await
        .is_problem("not_found");
    assert!(
        patchcord_relay::http::assets::Assets::load(world.folder.path())
            .unwrap_err()
            .to_string()
            .contains("patchcord.js")
    );
}
