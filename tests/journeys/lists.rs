//! An administrator hands in the Excel file an office sends, looks, puts a small list into the register, and takes it back.
//! Standard: ECMA-376 part 1 §18.3; TCVN 5712:1993 (TCVN3)

use super::day::Person;
use demo::browser::{Browser, Page};
use std::path::{Path, PathBuf};
use tests::province::province;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../policies/register/tests/data")
        .join(name)
}

async fn upload(browser: &Browser, file: &Path) -> Page {
    let address = format!("{}/admin/imports", province().issuer());
    let name = file.file_name().unwrap().to_str().unwrap();
    let bytes = std::fs::read(file).unwrap();
    browser
        .upload(
            &address,
            "upload",
            "file",
            name,
            "application/octet-stream",
            &bytes,
        )
        .await
        .unwrap()
}

/// The number on the tile of a verdict.
fn tile(page: &Page, verdict: &str) -> u32 {
    let at = page.body.find(&format!("?show={verdict}#rows")).unwrap();
    let before = &page.body[..at];
    let number = before.rsplit("<b class=\"n\">").next().unwrap();
    number.split('<').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_excel_file_of_6015_rows_is_shown_row_by_row_and_changes_nothing_the_register_knows() {
    let browser = Person::from_the_demo("registrar").at_the_province().await;
    let began = std::time::Instant::now();
    let page = upload(&browser, &file("officials_import_dirty.xlsx")).await;
    println!(
        "6,015 rows received, judged and shown after {:?}",
        began.elapsed()
    );
    assert_eq!(page.status, 200, "{}", page.words());
    let (ready, look, refused) = (
        tile(&page, "ready"),
        tile(&page, "look"),
        tile(&page, "refused"),
    );
    assert_eq!(ready + look + refused, 6_015);
    assert_eq!(refused, 6 + 15, "look-alike letters and repeated rows");
    let refusals = browser
        .open(&format!("{}?show=refused", page.url))
        .await
        .unwrap();
    assert!(
        refusals.words().contains("hệ chữ khác"),
        "{}",
        refusals.words()
    );
    assert!(
        !refusals.body.contains("0991"),
        "a personal number on a page"
    );
    let form = page.form("publish").unwrap();
    let page = browser.submit(&form).await.unwrap();
    let page = finished(&browser, page).await;
    assert!(page.words().contains("đã vào sổ"), "{}", page.words());
}

/// Waits until the list is no longer being published.
async fn finished(browser: &Browser, mut page: Page) -> Page {
    for _ in 0..100 {
        if !page.body.contains("id=\"state\">Đang") {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        page = browser.open(page.url.as_str()).await.unwrap();
    }
    panic!("still being published: {}", page.words());
}

#[tokio::test]
async fn a_list_in_tcvn3_is_read_published_found_and_taken_back() {
    let browser = Person::from_the_demo("registrar").at_the_province().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ds.csv");
    // “Họ và tên;Ngày sinh;Số CCCD;Cơ quan;Phòng, ban;Chức vụ / Bùi Thị Thử;01/02/1980;…;Sở Nội vụ;Văn phòng Sở;Chuyên viên”, bytes of TCVN3.
    let text = b"H\xe4 v\xb5 t\xaan;Ng\xb5y sinh;S\xe8 CCCD;C\xac quan;Ph\xdfng, ban;Ch\xf8c v\xf4\n\
B\xefi Th\xde Th\xf6;01/02/1980;099180999001;S\xeb N\xe9i v\xf4;V\xa8n ph\xdfng S\xeb;Chuy\xaan vi\xaan\n";
    std::fs::write(&path, text).unwrap();
    let page = upload(&browser, &path).await;
    assert_eq!(page.status, 200, "{}", page.words());
    assert!(page.words().contains("Bùi Thị Thử"), "{}", page.words());
    assert_eq!(tile(&page, "ready"), 1);
    let find = || async {
        let address = format!("{}/search?q=bui+thi+thu", province().issuer());
        browser
            .open(&address)
            .await
            .unwrap()
            .words()
            .contains("Bùi Thị Thử, ")
            || browser
                .open(&address)
                .await
                .unwrap()
                .body
                .contains("<b>Bùi Thị Thử</b>")
    };
    assert!(!find().await, "nothing has changed before it is published");
    let list = page.url.clone();
    let page = browser
        .submit(&page.form("publish").unwrap())
        .await
        .unwrap();
    let page = finished(&browser, page).await;
    assert!(page.words().contains("đã vào sổ"), "{}", page.words());
    assert!(find().await, "published people are found");
    // The log takes the list in within a second.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let page = browser.submit(&page.form("undo").unwrap()).await.unwrap();
    assert_eq!(page.status, 200, "{}", page.words());
    let page = browser.open(list.as_str()).await.unwrap();
    assert!(page.words().contains("đã rút lại"), "{}", page.words());
    assert!(!find().await, "what was taken back is not found");
}
