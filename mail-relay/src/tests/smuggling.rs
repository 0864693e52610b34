//! Ends of data that one server sees and another does not, and commands said too early.

use super::world::{CHAIR, Client, DEPUTY, World, mail};

const ENDS: [&str; 9] = [
    "\n.\n",
    "\n.\r\n",
    "\r\n.\n",
    "\r.\r",
    "\r.\r\n",
    "\r\n.\r",
    "\r\n\0.\r\n",
    "\r\r\n.\r\r\n",
    "\n\n.\r\n",
];

platform::both_engines! {
    async fn no_false_end_of_data_smuggles_a_second_message(db: Db) {
        let world = World::new(db).await;
        let mut client = world.signed_in(CHAIR).await;
        for end in ENDS {
            client.envelope(CHAIR, &[DEPUTY]).await;
            Client::expect(&client.say("DATA").await, "354");
            let second = format!("MAIL FROM:<{CHAIR}>\r\nRCPT TO:<{DEPUTY}>\r\nDATA\r\n{}", mail(CHAIR, DEPUTY).replace("\r\n.", "\r\n.."));
            let bytes = format!("{}x{end}{second}\r\n.\r\n", mail(CHAIR, DEPUTY).replace("\r\n.", "\r\n.."));
            client.send(bytes.as_bytes()).await;
            let said = client.reply().await;
            assert!(said.starts_with("554 5.6.0"), "{end:?}: {said}");
            // In step: exactly one reply was given, and the next command has its own.
            let said = client.say("NOOP").await;
            assert_eq!(said, "250 2.0.0 ok\r\n", "{end:?}");
        }
        assert_eq!(world.spooled(), 0);
    }

    async fn what_was_said_before_tls_does_not_count_after_it(db: Db) {
        let world = World::new(db).await;
        for behind in ["EHLO evil.test\r\n", "MAIL FROM:<a@b.test>\r\n", "x"] {
            let mut client = Client::greeted(world.submission).await;
            client.send(format!("STARTTLS\r\n{behind}").as_bytes()).await;
            let mut said = client.reply().await;
            if said.starts_with("220") {
                // The bytes came in another segment: then the handshake reads them and fails.
                said = client.reply().await;
            }
            assert!(!said.starts_with("250"), "{said}");
        }
        let mut client = Client::protected(world.submission).await;
        Client::expect(&client.say("STARTTLS").await, "503");
    }

    async fn an_address_carries_no_second_line_and_no_second_address(db: Db) {
        let world = World::new(db).await;
        let mut client = world.signed_in(CHAIR).await;
        for (line, code) in [
            ("MAIL FROM:<linhlm@binhdinh.test\rBcc: a@b.test>", "500"),
            ("MAIL FROM:<linhlm@binhdinh.test\nBcc: a@b.test>", "500"),
            ("MAIL FROM:<linhlm@binhdinh.test>, <a@b.test>", "555"),
            ("MAIL FROM:<\"a\\\r\n b\"@binhdinh.test>", "501"),
            ("MAIL FROM:linhlm@binhdinh.test", "501"),
        ] {
            let said = client.say(line).await;
            assert!(said.starts_with(code) || said.starts_with("50") || said.starts_with("55"), "{line:?}: {said}");
            let mut rest = client.say("NOOP").await;
            while !rest.starts_with("250") {
                rest = client.reply().await;
            }
        }
        client.envelope(CHAIR, &[]).await;
        for line in ["RCPT TO:<a b@binhdinh.test>", "RCPT TO:<thinhnd@binhdinh.test@evil.test>", "RCPT TO:<thinhnd%evil.test@binhdinh.test>", "RCPT TO:<>"] {
            Client::expect(&client.say(line).await, "55");
        }
        Client::expect(&client.say("DATA").await, "554 5.5.1");
    }
}
