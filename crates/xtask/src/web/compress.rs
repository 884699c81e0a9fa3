//! Compression ahead of time, and for measuring.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Result;

use super::assets;

const QUALITY: u32 = 11;
const WINDOW: u32 = 22;

/// A `.br` beside every file.
pub fn neighbours(folder: &Path) -> Result<()> {
    for file in assets::files(folder)? {
        let mut name = file.clone().into_os_string();
        name.push(".br");
        fs::write(name, brotli(&fs::read(&file)?)?)?;
    }
    Ok(())
}

/// Brotli at its highest quality, 11.
pub fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut out, 1 << 16, QUALITY, WINDOW);
        writer.write_all(bytes)?;
        writer.flush()?;
    }
    Ok(out)
}

/// gzip at its highest level, 9.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}
