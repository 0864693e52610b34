//! An office and a commune beside the four people of the world, for letters.

use platform::audit::Housekeeping;
use platform::db::{self, Conn};

platform::statements! {
    AGENCY = "INSERT INTO agency (record, id, parent, code, name, short_name, kind, level, mail_domain, search_key, sort_key, valid_from, recorded_by)
        VALUES ($1, $2, 'agy_ubnd', $3, $4, $4, 'so', 2, $1, '', $5, 0, 'evt_seed')";
    POST = "INSERT INTO post (record, id, agency, unit, code, title, rank, standing, capacities, search_key, valid_from, recorded_by)
        VALUES ($1, $2, $3, NULL, 'CV', 'Chuyên viên', 9, 'staff', '', '', 0, 'evt_seed')";
    PERSON = "INSERT INTO person (id, recorded_by) VALUES ($1, 'evt_seed')";
    ATTRIBUTES = "INSERT INTO person_attribute (record, person, staff_no, full_name, surname, given_name, username, search_key, sort_key, recorded_by)
        VALUES ($1, $2, $1, $3, $4, $5, $6, '', $7, 'evt_seed')";
    APPOINTMENT = "INSERT INTO appointment (record, id, person, post, kind, basis, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, 'full', 'QĐ 1', $5, NULL, 'evt_seed')";
    ROLE = "INSERT INTO admin_role (record, id, person, role, agency, basis, valid_from, valid_to, recorded_by) VALUES ($1, $2, $3, $4, $5, 'QĐ 2', 0, NULL, 'evt_seed')";
    EVENTS = "SELECT kind, COUNT(*) AS n FROM audit_event WHERE kind IN ('account.invited', 'letters.printed') GROUP BY kind ORDER BY kind";
}

/// A department and a commune under the province; in the department two of one name, one who also works in the commune (from tomorrow
/// on), one who administers the province, one with a good name of her own. Linh administers the department, Thịnh the province.
pub(crate) async fn peopled(db: &db::Db, now: i64) {
    let people = [
        (
            "psn_b1",
            "Trần Văn Bình",
            "Trần",
            "Bình",
            "Bình!",
            "pst_so",
            0,
        ),
        (
            "psn_b2",
            "Trần Văn Bình",
            "Trần",
            "Bình",
            "binhtv ",
            "pst_so",
            0,
        ),
        ("psn_c", "Võ Thị Cúc", "Võ", "Cúc", "cucvt", "pst_so", 0),
        ("psn_d", "Hồ Đức", "Hồ", "Đức", "duch", "pst_so", 0),
        ("psn_e", "Lý Én", "Lý", "Én", "enl.so", "pst_so", 0),
        ("psn_x", "Đỗ Xuân", "Đỗ", "Xuân", "xuand", "pst_xa", 0),
        ("psn_c", "", "", "", "", "pst_xa", now + 86_400_000),
    ];
    let roles = [
        ("rol_1", "psn_linh", "agency", Some("agy_so")),
        ("rol_2", "psn_thinh", "province", None),
        ("rol_3", "psn_d", "agency", Some("agy_so")),
    ];
    let (people, roles) = (&people, &roles);
    db.write(|mut tx| async move {
        let none: &[u8] = &[];
        for (id, code, name) in [
            ("agy_so", "H08.01", "Sở Một"),
            ("agy_xa", "H08.02", "Xã Hai"),
        ] {
            tx.execute(&AGENCY, (format!("rcd_{id}"), id, code, name, none))
                .await?;
        }
        for (id, agency) in [("pst_so", "agy_so"), ("pst_xa", "agy_xa")] {
            tx.execute(&POST, (format!("rcd_{id}"), id, agency)).await?;
        }
        for (at, (id, full, surname, given, username, post, from)) in people.iter().enumerate() {
            if !full.is_empty() {
                tx.execute(&PERSON, (*id,)).await?;
                let record = format!("rcd_{id}");
                tx.execute(
                    &ATTRIBUTES,
                    (record, *id, *full, *surname, *given, *username, none),
                )
                .await?;
            }
            let (record, apt) = (format!("rcd_apt{at}"), format!("apt_l{at}"));
            tx.execute(&APPOINTMENT, (record, apt, *id, *post, *from))
                .await?;
        }
        for (id, person, role, agency) in roles {
            tx.execute(&ROLE, (format!("rcd_{id}"), *id, *person, *role, *agency))
                .await?;
        }
        Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Measurement, ()))
    })
    .await
    .unwrap();
}

/// How many accounts were invited and how often letters were printed.
pub(crate) async fn events(conn: &mut Conn) -> Vec<(String, i64)> {
    conn.all(&EVENTS, ()).await.unwrap()
}
