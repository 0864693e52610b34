//! Any threshold of papers gives the keys back; fewer, foreign or mistyped ones do not.
use proptest::prelude::*;

use super::*;

fn secrets(entropy: &Entropy) -> Secrets {
    let master = MasterKeys::new(BTreeMap::from([(1, Zeroizing::new(entropy.bytes()))])).unwrap();
    Secrets {
        master: master.with_fresh(entropy),
        key_encryption: Some(Zeroizing::new(entropy.bytes())),
    }
}

fn typed(paper: &Paper) -> String {
    paper.lines().join("\n")
}

#[test]
fn every_choice_of_enough_papers_gives_the_keys_back_and_no_smaller_one_does() {
    let entropy = Entropy::seeded(5);
    let secrets = secrets(&entropy);
    let papers = share(&secrets, 3, 5, &entropy).unwrap();
    for chosen in 0_u32..32 {
        let some: Vec<Paper> = papers
            .iter()
            .enumerate()
            .filter(|(index, _)| chosen & (1 << index) != 0)
            .map(|(_, paper)| Paper::read(&typed(paper)).unwrap())
            .collect();
        let given = some.len();
        match recover(&some) {
            Ok(found) => {
                assert!(given >= 3, "{chosen:b}");
                assert_eq!(found, secrets);
            }
            Err(error) => {
                assert!(given < 3, "{chosen:b}: {error}");
                assert!(matches!(error, ShareError::TooFew { .. }), "{error}");
            }
        }
    }
}

#[test]
fn fewer_papers_than_needed_say_nothing_of_the_keys_even_when_the_threshold_is_lied_about() {
    let entropy = Entropy::seeded(6);
    let papers = share(&secrets(&entropy), 3, 3, &entropy).unwrap();
    let two: Vec<Paper> = papers
        .iter()
        .take(2)
        .map(|paper| Paper {
            threshold: 2,
            ..paper.clone()
        })
        .collect();
    assert_eq!(recover(&two), Err(ShareError::Wrong));
}

#[test]
fn papers_of_two_printings_a_doubled_paper_and_senseless_numbers_are_refused_in_words() {
    let entropy = Entropy::seeded(7);
    let secrets = secrets(&entropy);
    let (one, two) = (
        share(&secrets, 2, 3, &entropy).unwrap(),
        share(&secrets, 2, 3, &entropy).unwrap(),
    );
    let mixed = [one[0].clone(), two[1].clone()];
    assert!(matches!(recover(&mixed), Err(ShareError::Mixed(..))));
    let doubled = [one[0].clone(), one[0].clone()];
    assert_eq!(recover(&doubled), Err(ShareError::Twice(1)));
    for (threshold, shares) in [(1, 3), (4, 3), (0, 0), (2, 101)] {
        assert!(share(&secrets, threshold, shares, &entropy).is_err());
    }
}

#[test]
fn papers_are_read_as_people_type_them() {
    let entropy = Entropy::seeded(8);
    let paper = &share(&secrets(&entropy), 2, 2, &entropy).unwrap()[0];
    let sloppy = format!(
        "Tờ của bà An\n\n{}\n",
        typed(paper)
            .to_lowercase()
            .replace(' ', "  ")
            .replace('o', "0")
    );
    // The head is read word by word, so only the letters below it may be taken for digits.
    let head = paper.lines()[0].to_lowercase();
    let mut lines: Vec<&str> = sloppy.lines().collect();
    lines[2] = &head;
    assert_eq!(&Paper::read(&lines.join("\n")).unwrap(), paper);
}

proptest! {
    #[test]
    fn a_mistyped_letter_is_found_in_its_line(line in 1_usize..5, at in 0_usize..24, letter in "[A-Z2-7]") {
        let entropy = Entropy::seeded(9);
        let paper = &share(&secrets(&entropy), 2, 2, &entropy).unwrap()[1];
        let mut lines = paper.lines();
        let mut letters: Vec<char> = lines[line].chars().collect();
        let at = at.min(letters.len() - 1);
        let new = letter.chars().next().unwrap();
        prop_assume!(letters[at] != ' ' && letters[at] != new);
        letters[at] = new;
        lines[line] = letters.into_iter().collect();
        prop_assert_eq!(Paper::read(&lines.join("\n")), Err(ShareError::Line { line: line + 1 }));
    }
}

/// Papers of one printing made by another implementation (blahaj 0.7), of keys that never opened anything.
const FOREIGN: [&str; 3] = [
    "ANTIN 4GXPN4S7 1 ROR\n\
         AEBA AH45 4XOP 7E2Y 72CE WKL\n\
         JFC2 PMZG P3HW XXB4 I2N4 6UM\n\
         NDBX ZKAK H2FS HHUA 7BCR KP2\n\
         CMXE TM5I 2IEX 62PI VFCR QBS\n\
         QLGW RZXF NSJY UWBK BDUW CV5\n\
         NNF3 6QF6 SWNQ GNGH CBL6 N56\n\
         QF4E H3ML LELR L2O6 4P75 XE4\n\
         6FLS UXOI B76P XTE3 TTSK SBW\n\
         JERP WXF5 TEHL RFSL SE6T 5EP\n\
         FSLY 42M5 7I R2J",
    "ANTIN 4GXPN4S7 2 F7T\n\
         AEBA ALWK POUD 55US HJDC UFC\n\
         PEM4 GES2 ALNG 7ISE NERZ X6L\n\
         XH6R GLWU TJQ5 4JVF 5HAV RXR\n\
         NXYA 7ESN XEJP QFP6 XMZP NX6\n\
         YQ3G C5UC A3MF Q25R T5T7 ON6\n\
         QUVW Z7GE SEUD 36JI OOMO 2V2\n\
         ZROU P5MK PSCN HOBY JOM2 2U7\n\
         IPVH 3SWE AQY4 LKP3 VGI4 U7Y\n\
         5GYH B3EX L42E MB7T 2EYA YNN\n\
         CZIS H4DG UY I7Q",
    "ANTIN 4GXPN4S7 3 ONL\n\
         AEBA AMKH XZ2M CZOU O24L ONG\n\
         NEWR JBUF 3URJ RCDM Q5FV L7Y\n\
         WZLY SE66 JHDY VMKJ VFBJ IPT\n\
         I65M NDPF NMNY LSQH WUP2 7RQ\n\
         AZX5 MBVP T6XO NSWI LXWT ZH2\n\
         34F5 MYYZ M2ZN YSMG KLOR VLZ\n\
         XC7E IDJ2 T72Z DCE2 EMCM K57\n\
         FWA3 WTGA 62AS JCW3 XJE6 WWR\n\
         RHA7 M46B DURB ZR3E CE52 FLV\n\
         AAJ3 HB6E SI SM3",
];

#[test]
fn papers_made_by_another_implementation_give_its_keys_back() {
    let papers = FOREIGN.map(|text| Paper::read(text).unwrap());
    let hex = |key: &[u8]| data_encoding::HEXLOWER.encode(key);
    for pair in [[0, 1], [0, 2], [2, 1]] {
        let found = recover(&pair.map(|index| papers[index].clone())).unwrap();
        let keys: Vec<(u32, String)> = found
            .master
            .iter()
            .map(|(id, key)| (id, hex(key)))
            .collect();
        assert_eq!(
            keys,
            [
                (
                    1,
                    "eb27ad59717027f9a1379cf614a8f306769e69500ed2d77096cb8c6d396480ac".to_owned()
                ),
                (
                    2,
                    "b611a76844094df96c8f5e534f953ca63a316b05df636201e2846931121f59b4".to_owned()
                ),
            ]
        );
        assert_eq!(
            hex(found.key_encryption.unwrap().as_slice()),
            "53bba6657d97c8b62b9f3cecdbccfd4c1aefbb8f3c829537dc3ebdb18e256dc5"
        );
    }
}
