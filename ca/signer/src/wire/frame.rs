//! Frames: four bytes of length (big-endian), then that many bytes of JSON, at most one MiB.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The largest frame either side accepts.
pub const LARGEST_FRAME: usize = 1024 * 1024;

/// Why no frame came or went.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The other side hung up inside a frame, or the socket failed.
    #[error("socket: {0}")]
    Socket(#[from] std::io::Error),
    /// A frame longer than allowed was announced or asked for.
    #[error("a frame of {0} bytes is larger than {LARGEST_FRAME}")]
    TooLarge(usize),
}

/// Reads one frame; `None` when the other side closed between frames.
pub async fn read_frame<R: AsyncRead + Unpin>(
    reader: &mut R,
) -> Result<Option<Vec<u8>>, FrameError> {
    let mut length = [0u8; 4];
    let Some((first, others)) = length.split_first_mut() else {
        return Ok(None);
    };
    if reader.read(std::slice::from_mut(first)).await? == 0 {
        return Ok(None);
    }
    reader.read_exact(others).await?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > LARGEST_FRAME {
        return Err(FrameError::TooLarge(length));
    }
    let mut frame = Vec::new();
    // Grows as bytes come in: an announced length alone reserves nothing.
    let read = reader
        .take(u64::try_from(length).unwrap_or(0))
        .read_to_end(&mut frame)
        .await?;
    if read < length {
        return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
    }
    Ok(Some(frame))
}

/// Writes one frame.
pub async fn write_frame<W: AsyncWrite + Unpin>(
    writer: &mut W,
    frame: &[u8],
) -> Result<(), FrameError> {
    let length = u32::try_from(frame.len())
        .ok()
        .filter(|_| frame.len() <= LARGEST_FRAME)
        .ok_or(FrameError::TooLarge(frame.len()))?;
    let mut bytes = Vec::with_capacity(frame.len().saturating_add(4));
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(frame);
    writer.write_all(&bytes).await?;
    writer.flush().await?;
    Ok(())
}
