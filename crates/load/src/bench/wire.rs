//! The thinnest HTTP/1.1 client: prepared requests over kept connections, so that what is measured is the server.

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that is used again and again.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A reply.
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Wire {
    /// Connects to `http://host:port`.
    pub async fn open(url: &str) -> Result<Self> {
        let address = url.strip_prefix("http://").context("no http address")?;
        let stream = TcpStream::connect(address.trim_end_matches('/')).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(4096),
        })
    }

    /// Sends a request and waits for the whole reply, which has to have a length.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Reply> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if let Some((status, head, length)) = head(&self.buffer)? {
                let whole = head + length;
                while self.buffer.len() < whole {
                    self.more().await?;
                }
                let body = self.buffer.get(head..whole).unwrap_or_default().to_vec();
                return Ok(Reply { status, body });
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the connection was closed");
        }
        Ok(())
    }
}

/// Status, length of the head, length of the body; `None` while the head is not whole.
fn head(bytes: &[u8]) -> Result<Option<(u16, usize, usize)>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(bytes.get(..end).unwrap_or_default())?;
    let mut lines = text.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .context("no status")?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    Ok(Some((status, end + 4, length)))
}

/// A request as it goes over the wire.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: bench\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("content-length: {}\r\n\r\n{body}", body.len());
    text.into_bytes()
}
