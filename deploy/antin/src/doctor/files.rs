//! The data directory from outside: who owns it, who may read it, whether there is room, whether its ports are free.

use super::{Report, Said, State, shown};
use platform::config::Config;
use platform::telemetry::usage;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Below this much room we warn, below a quarter of it we say that it is bad.
const LITTLE_ROOM: u64 = 4 << 30;

/// Whether a process owns the directory.
pub fn owner(data: &Path, report: &mut Report) -> bool {
    let path = data.join("antin.lock");
    let Ok(lock) = File::open(&path) else {
        report.good(
            "owner",
            "không chương trình nào đang dùng thư mục này",
            "no process uses this directory",
        );
        return false;
    };
    if lock.try_lock_shared().is_ok() {
        report.good(
            "owner",
            "không chương trình nào đang dùng thư mục này",
            "no process uses this directory",
        );
        return false;
    }
    let who = std::fs::read_to_string(&path).unwrap_or_default();
    report.good(
        "owner",
        format!("đang được dùng bởi {who}"),
        format!("in use by {who}"),
    );
    true
}

/// Directories 0700, key files 0600, all of the same owner.
pub fn permissions(data: &Path, report: &mut Report) {
    let Ok(told) = std::fs::metadata(data) else {
        report.say(
            "permissions",
            State::Bad,
            Said::new(
                format!("{} không có hoặc không đọc được", shown(data)),
                format!("{} is not there or cannot be read", shown(data)),
            ),
            Said::new(
                "chạy `antin init`, hoặc chỉ đúng thư mục bằng --data, hoặc chạy bằng đúng người dùng",
                "run `antin init`, or name the right directory with --data, or run as the right user",
            ),
        );
        return;
    };
    let mut open = Vec::new();
    let mut foreign = Vec::new();
    for (name, most, needed) in [
        ("", 0o700, true),
        ("master.key", 0o600, true),
        ("signer", 0o700, false),
        ("signer/keys", 0o700, false),
        ("signer/key-encryption.key", 0o600, false),
        ("mail/spool", 0o700, false),
    ] {
        let path = data.join(name);
        match std::fs::metadata(&path) {
            Ok(found) => {
                let mode = found.permissions().mode() & 0o777;
                if mode & !most != 0 {
                    open.push((path.clone(), mode, most));
                }
                if found.uid() != told.uid() {
                    foreign.push(path);
                }
            }
            Err(_) if needed => {
                report.say(
                    "key_files",
                    State::Bad,
                    Said::new(format!("thiếu {}", shown(&path)), format!("{} is missing", shown(&path))),
                    Said::new(
                        "chép lại từ bản sao lưu, hoặc khôi phục từ các tờ giấy bằng `antin keys recover`",
                        "copy it back from the backup, or bring it back from paper with `antin keys recover`",
                    ),
                );
            }
            Err(_) => {}
        }
    }
    for (path, mode, most) in &open {
        report.say(
            "permissions",
            State::Bad,
            Said::new(
                format!(
                    "{} có quyền {mode:o}: người dùng khác trên máy đọc được",
                    shown(path)
                ),
                format!(
                    "{} has mode {mode:o}: other users of the machine can read it",
                    shown(path)
                ),
            ),
            Said::new(
                format!("chmod {most:o} {}", shown(path)),
                format!("chmod {most:o} {}", shown(path)),
            ),
        );
    }
    for path in &foreign {
        report.say(
            "permissions",
            State::Bad,
            Said::new(
                format!("{} thuộc người dùng khác với thư mục", shown(path)),
                format!("{} belongs to another user than the directory", shown(path)),
            ),
            Said::new(
                format!(
                    "chown về cùng người dùng: chown --reference={} {}",
                    shown(data),
                    shown(path)
                ),
                format!("chown --reference={} {}", shown(data), shown(path)),
            ),
        );
    }
    if open.is_empty() && foreign.is_empty() {
        report.good(
            "permissions",
            "thư mục và tệp khóa chỉ chủ sở hữu đọc được",
            "directories and key files are readable by their owner only",
        );
    }
}

/// Room on the disk.
pub fn room(data: &Path, report: &mut Report) {
    let (free, size) = match usage::room(data) {
        Ok(told) => told,
        // Said by the check of permissions.
        Err(_) => return,
    };
    let gigabytes = |octets: u64| format!("{:.1}", octets as f64 / f64::from(1 << 30));
    let state = if free < LITTLE_ROOM / 4 {
        State::Bad
    } else if free < LITTLE_ROOM {
        State::Warning
    } else {
        State::Good
    };
    let found = Said::new(
        format!("còn {} GB trong {} GB", gigabytes(free), gigabytes(size)),
        format!("{} GB free of {} GB", gigabytes(free), gigabytes(size)),
    );
    if state == State::Good {
        report.good("disk", found.vi, found.en);
    } else {
        report.say(
            "disk",
            state,
            found,
            Said::new(
                "dọn chỗ hoặc thêm ổ đĩa: hết chỗ thì không ghi được gì, kể cả chữ ký và thư",
                "make room or add a disk: on a full one nothing can be written, neither signatures nor mail",
            ),
        );
    }
}

/// Whether the ports can be listened on, when nothing of ours runs.
pub fn ports(config: &Config, running: bool, report: &mut Report) {
    if running {
        report.good(
            "ports",
            "không thử: chương trình đang chạy và giữ các cổng của nó",
            "not tried: the program runs and holds its ports",
        );
        return;
    }
    let mut taken = Vec::new();
    let addresses: [(&str, SocketAddr); 6] = [
        ("listen.public", config.listen.public),
        ("listen.status", config.listen.status),
        ("listen.management", config.listen.management),
        ("mail.submission", config.mail.submission),
        ("mail.submissions", config.mail.submissions),
        ("mail.mx", config.mail.mx),
    ];
    for (key, address) in addresses {
        if let Err(error) = TcpListener::bind(address) {
            taken.push(format!("{key} = {address} ({error})"));
        }
    }
    if taken.is_empty() {
        report.good("ports", "các cổng còn trống", "the ports are free");
        return;
    }
    let list = taken.join(", ");
    report.say(
        "ports",
        State::Bad,
        Said::new(
            format!("không lắng nghe được ở {list}"),
            format!("cannot be listened on: {list}"),
        ),
        Said::new(
            "dừng chương trình đang giữ cổng (xem `ss -ltnp`), hoặc đặt địa chỉ khác; cổng dưới 1024 cần quyền",
            "stop what holds the port (`ss -ltnp` shows it), or set another address; ports below 1024 need a right",
        ),
    );
}
