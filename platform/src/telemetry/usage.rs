//! What a process uses, as Linux tells in `/proc`, and how much room a file system has.
use std::io;
use std::path::Path;
use std::time::Duration;

/// Clock ticks in a second as `/proc` counts them: USER_HZ, which is 100 on every Linux.
const TICKS: u64 = 100;

/// Memory, processor time and open files of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Resident memory, octets.
    pub memory: u64,
    /// User and system time.
    pub cpu: Duration,
    /// Open file descriptors.
    pub files: u64,
}

/// What a process uses; `None` for the own one.
pub fn of_process(id: Option<u32>) -> io::Result<Usage> {
    let folder = id.map_or_else(|| "/proc/self".into(), |id| format!("/proc/{id}"));
    let status = std::fs::read_to_string(format!("{folder}/status"))?;
    let stat = std::fs::read_to_string(format!("{folder}/stat"))?;
    let files = std::fs::read_dir(format!("{folder}/fd"))?.count() as u64;
    let unreadable = || io::Error::from(io::ErrorKind::InvalidData);
    Ok(Usage {
        memory: resident(&status).ok_or_else(unreadable)?,
        cpu: processor(&stat).ok_or_else(unreadable)?,
        files,
    })
}

/// `VmRSS:   12345 kB`
fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// Fields 14 and 15 of `stat`; the command's name before them may hold blanks and parentheses.
fn processor(stat: &str) -> Option<Duration> {
    let (_, after) = stat.rsplit_once(')')?;
    let mut fields = after.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    let milliseconds = (user + system).checked_mul(1000)?.checked_div(TICKS)?;
    Some(Duration::from_millis(milliseconds))
}

/// Octets that we may still write to the file system under `path`, and its size.
pub fn room(path: &Path) -> io::Result<(u64, u64)> {
    let told = rustix::fs::statvfs(path)?;
    Ok((
        told.f_bavail.saturating_mul(told.f_frsize),
        told.f_blocks.saturating_mul(told.f_frsize),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_proc_are_read_even_when_the_command_is_named_to_confuse() {
        assert_eq!(
            resident("Name:\tx\nVmRSS:\t   2048 kB\nVmData: 1 kB\n"),
            Some(2 << 20)
        );
        assert_eq!(resident("Name:\tx\n"), None);
        let stat = "7 (a) 9 (b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 8 0 1 2 3";
        assert_eq!(processor(stat), Some(Duration::from_secs(2)));
        assert_eq!(processor("7 (a) S 1 2"), None);
    }

    #[test]
    fn the_own_process_uses_memory_and_files_and_its_disk_has_a_size() {
        let used = of_process(None).unwrap();
        assert!(used.memory > 1 << 20 && used.files > 2, "{used:?}");
        let (free, size) = room(Path::new("/")).unwrap();
        assert!(free <= size && size > 0);
    }
}
