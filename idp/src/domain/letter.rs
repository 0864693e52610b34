//! The letter by which an official takes possession of the account: who gets one, and what it says. It is always in Vietnamese.

use super::account::Username;
use crate::letters::{Bundle, Letter, Sheet, Squares};
use fast_qr::qr::QRBuilder;
use register::flows::list_invitable::{Left, Member};
use std::collections::{BTreeMap, BTreeSet};

/// Where somebody stands on the way to the first sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// No account yet.
    Without,
    /// Has an account, and no code that is still good.
    Lapsed,
    /// Has a code that is good until then.
    Open(i64),
    /// Signed in before: never touched by letters.
    Activated,
    /// Shut by an administrator: never touched by letters.
    Shut,
    /// Left to another administrator.
    Left(Left),
    /// No name to sign in by can be made.
    Nameless,
}

/// Somebody in post, with what letters need to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Who.
    pub member: Member,
    /// Where he stands.
    pub stage: Stage,
    /// The name to sign in by, when there is one.
    pub username: Option<Username>,
}

/// Who is to get a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Those who have no code that is still good.
    Missing,
    /// Everybody not yet activated; codes that are still good are replaced.
    All,
    /// These people; codes that are still good are replaced.
    Chosen(BTreeSet<String>),
}

impl Choice {
    /// Whether the line gets a letter.
    pub fn takes(&self, line: &Line) -> bool {
        let waits = matches!(line.stage, Stage::Without | Stage::Lapsed);
        let open = matches!(line.stage, Stage::Open(_));
        line.username.is_some()
            && match self {
                Self::Missing => waits,
                Self::All => waits || open,
                Self::Chosen(people) => (waits || open) && people.contains(&line.member.person),
            }
    }
}

/// How many stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// In post.
    pub people: usize,
    /// Activated.
    pub activated: usize,
    /// With a good code.
    pub open: usize,
    /// The last end of such a code.
    pub open_until: i64,
    /// With a code that is no longer good.
    pub lapsed: usize,
    /// Without account.
    pub without: usize,
    /// Shut.
    pub shut: usize,
    /// With a post elsewhere.
    pub elsewhere: usize,
    /// With a role of administration that is not for this administrator.
    pub role: usize,
    /// Without a name to sign in by.
    pub nameless: usize,
}

impl Counts {
    /// Counts lines.
    pub fn of(lines: &[Line]) -> Self {
        let mut counts = Self {
            people: lines.len(),
            ..Self::default()
        };
        for line in lines {
            let place = match line.stage {
                Stage::Without => &mut counts.without,
                Stage::Lapsed => &mut counts.lapsed,
                Stage::Open(until) => {
                    counts.open_until = counts.open_until.max(until);
                    &mut counts.open
                }
                Stage::Activated => &mut counts.activated,
                Stage::Shut => &mut counts.shut,
                Stage::Left(Left::Elsewhere) => &mut counts.elsewhere,
                Stage::Left(Left::Role) => &mut counts.role,
                Stage::Nameless => &mut counts.nameless,
            };
            *place += 1;
        }
        counts
    }
}

/// What all letters of one printing share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printing {
    /// The province in words.
    pub province: String,
    /// The page where codes are entered.
    pub page: String,
    /// Who prints: name, post, agency.
    pub by: String,
    /// When, `HH:MM dd/mm/yyyy`.
    pub at: String,
    /// How long the codes are good, `HH:MM dd/mm/yyyy`.
    pub until: String,
}

/// What one letter holds beside that.
#[derive(Clone, PartialEq, Eq)]
pub struct Content<'a> {
    /// To whom.
    pub member: &'a Member,
    /// The name to sign in by.
    pub username: &'a str,
    /// The code in groups.
    pub code: String,
    /// The page with the code filled in.
    pub link: String,
}

/// The link does not fit a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the link does not fit a QR code")]
pub struct TooLongForPicture;

/// Bundles by agency, in the order of the contents.
pub fn bundles(
    printing: &Printing,
    contents: &[Content<'_>],
) -> Result<Vec<Bundle>, TooLongForPicture> {
    let mut order: Vec<&str> = Vec::new();
    let mut made: BTreeMap<&str, Bundle> = BTreeMap::new();
    for content in contents {
        let agency = content.member.agency.as_str();
        let bundle = made.entry(agency).or_insert_with(|| {
            order.push(agency);
            Bundle {
                sheet: sheet(printing, &content.member.agency_name),
                letters: Vec::new(),
            }
        });
        bundle.sheet.rows.push(receipt(content.member));
        bundle.letters.push(letter(printing, content)?);
    }
    Ok(order
        .into_iter()
        .filter_map(|agency| made.remove(agency))
        .collect())
}

fn receipt(member: &Member) -> [String; 3] {
    let place = [member.title.as_str(), member.unit.as_str()];
    let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
    [
        member.full_name.clone(),
        member.staff_no.clone(),
        place.join(", "),
    ]
}

fn sheet(printing: &Printing, agency: &str) -> Sheet {
    let columns = [
        "STT",
        "Họ và tên",
        "Mã cán bộ",
        "Chức vụ, đơn vị",
        "Ngày nhận",
        "Ký nhận",
    ];
    Sheet {
        agency: agency.to_owned(),
        title: "SỔ GIAO NHẬN THƯ KÍCH HOẠT TÀI KHOẢN".to_owned(),
        lead: format!(
            "Giao tận tay, không nhận thay. Người nhận xem thư còn dán kín rồi mới ký. Mã trong thư dùng được đến {}.",
            printing.until
        ),
        columns: columns.map(str::to_owned),
        rows: Vec::new(),
        foot: format!("In lúc {}, người in: {}", printing.at, printing.by),
    }
}

fn letter(printing: &Printing, content: &Content<'_>) -> Result<Letter, TooLongForPicture> {
    let member = content.member;
    let mut address = vec![
        format!("Mã cán bộ: {}", member.staff_no),
        format!("Chức vụ: {}", member.title),
    ];
    if !member.unit.is_empty() {
        address.push(format!("Đơn vị: {}", member.unit));
    }
    address.push(format!("Cơ quan: {}", member.agency_name));
    let page = &printing.page;
    Ok(Letter {
        sender: vec![format!("Hệ thống đăng nhập dùng chung, {}", printing.province)],
        mark: "THƯ KÍCH HOẠT TÀI KHOẢN – CHỈ NGƯỜI CÓ TÊN DƯỚI ĐÂY ĐƯỢC MỞ".to_owned(),
        name: member.full_name.clone(),
        address,
        title: "Thư kích hoạt tài khoản".to_owned(),
        lead: vec![format!(
            "Kính gửi ông (bà) {}: đây là tài khoản để đăng nhập các ứng dụng của tỉnh và để ký số trong công việc. Mã trên đây dùng một lần, để ông (bà) tự chọn cách đăng nhập của riêng mình.",
            member.full_name
        )],
        facts: vec![
            ("Trang kích hoạt".to_owned(), page.clone()),
            ("Tên đăng nhập".to_owned(), content.username.to_owned()),
            ("Mã dùng được đến".to_owned(), printing.until.clone()),
            ("Khi cần giúp, hỏi người in thư này".to_owned(), printing.by.clone()),
        ],
        secret: (
            "Mã kích hoạt (viết hoa, viết thường, cách hay liền đều được):".to_owned(),
            content.code.replace('-', " "),
        ),
        picture: (
            squares(&content.link)?,
            "Quét bằng điện thoại: mở trang kích hoạt, mã điền sẵn.".to_owned(),
        ),
        steps: (
            "Ba bước, khoảng năm phút".to_owned(),
            vec![
                format!("Mở {page} trên máy tính hoặc điện thoại, nhập mã kích hoạt. Chỉ nhập mã ở đúng địa chỉ này."),
                "Chọn một cách đăng nhập: khóa đăng nhập (vân tay, khuôn mặt hoặc mã PIN của máy), hoặc mật khẩu kèm mã 6 số trên điện thoại.".to_owned(),
                "Đăng nhập thử bằng tên đăng nhập ở trên, rồi hủy thư này.".to_owned(),
            ],
        ),
        notes: vec![
            "Không đưa thư này, không đọc mã cho bất cứ ai, kể cả người quản trị và người gọi điện xưng là hỗ trợ.".to_owned(),
            "Thư đã bị mở, mã báo không dùng được hoặc hết hạn: báo ngay người in thư để nhận thư mới; mã trong thư cũ hết dùng ngay.".to_owned(),
        ],
    })
}

fn squares(link: &str) -> Result<Squares, TooLongForPicture> {
    let code = QRBuilder::new(link)
        .build()
        .map_err(|_| TooLongForPicture)?;
    let dark = code.data.iter().take(code.size * code.size);
    Ok(Squares {
        side: code.size,
        dark: dark.map(|module| module.value()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(person: &str, agency: &str) -> Member {
        Member {
            person: person.into(),
            staff_no: "BD-000002".into(),
            full_name: "Ngô Đức Thịnh".into(),
            username: "thinhnd".into(),
            title: "Chuyên viên".into(),
            agency: agency.into(),
            agency_name: format!("Cơ quan {agency}"),
            unit: "Văn phòng".into(),
            left: None,
        }
    }

    fn line(person: &str, stage: Stage) -> Line {
        Line {
            member: member(person, "a"),
            stage,
            username: Username::parse("thinhnd").ok(),
        }
    }

    #[test]
    fn open_codes_are_replaced_only_when_asked_and_activated_accounts_never() {
        let chosen = Choice::Chosen(BTreeSet::from(["one".to_owned()]));
        for (stage, missing, all) in [
            (Stage::Without, true, true),
            (Stage::Lapsed, true, true),
            (Stage::Open(9), false, true),
            (Stage::Activated, false, false),
            (Stage::Shut, false, false),
            (Stage::Left(Left::Elsewhere), false, false),
            (Stage::Left(Left::Role), false, false),
            (Stage::Nameless, false, false),
        ] {
            assert_eq!(Choice::Missing.takes(&line("one", stage)), missing);
            assert_eq!(Choice::All.takes(&line("one", stage)), all);
            assert_eq!(chosen.takes(&line("one", stage)), all, "{stage:?}");
            assert!(!chosen.takes(&line("other", stage)));
        }
    }

    #[test]
    fn the_code_stands_inside_only_and_never_on_the_sheet() {
        let printing = Printing {
            province: "tỉnh Bình Định".into(),
            page: "https://antin.example/activate".into(),
            by: "Lê Mỹ Linh".into(),
            at: "09:00 25/11/2026".into(),
            until: "09:00 09/12/2026".into(),
        };
        let (one, two) = (member("one", "b"), member("two", "a"));
        let content = |member| Content {
            member,
            username: "thinhnd",
            code: "abcd-efgh".into(),
            link: "https://antin.example/activate?code=abcd-efgh".into(),
        };
        let made = bundles(&printing, &[content(&one), content(&two)]).unwrap();
        assert_eq!(made.len(), 2);
        assert_eq!(made[0].sheet.agency, "Cơ quan b");
        for bundle in &made {
            assert!(!format!("{:?}", bundle.sheet).contains("abcd"));
            let letter = &bundle.letters[0];
            assert_eq!(letter.secret.1, "abcd efgh");
            let outside = format!("{:?}{}{:?}", letter.sender, letter.mark, letter.address);
            assert!(!outside.contains("abcd") && !outside.contains("thinhnd"));
            assert_eq!(letter.picture.0.dark.len(), letter.picture.0.side.pow(2));
        }
    }
}
