//! Alerts by e-mail. No number and no name is in a mail: it travels and lies about unencrypted.

use std::time::Duration;

use lettre::message::{Mailbox, Mailboxes, header};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, Error};
use lettre::{AsyncTransport, Message, Tokio1Executor};

use crate::config::{Mail, MailTls};
use crate::http::problem::chain;
use crate::webhook::NotDelivered;

/// How long the server may take for one command.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Sends mails.
#[derive(Debug)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

/// A mail as it is kept until it is sent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
}

impl Mailer {
    /// A mailer; nothing is sent yet.
    ///
    /// # Errors
    /// A server name that no certificate can have, or no TLS roots.
    pub fn new(mail: &Mail) -> Result<Self, Error> {
        let server = &mail.server;
        let tls = || TlsParameters::new(server.host.clone());
        let tls = match server.tls {
            MailTls::Wrapped => Tls::Wrapper(tls()?),
            MailTls::StartTls => Tls::Required(tls()?),
            MailTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if let Some((username, password)) = &mail.credentials {
            builder = builder.credentials(Credentials::new(
                username.clone(),
                password.expose().to_owned(),
            ));
        }
        Ok(Self {
            transport: builder.build(),
            from: mail.from.clone(),
            to: mail.to.clone(),
        })
    }

    /// Connects and signs in as for a letter; sends none.
    ///
    /// # Errors
    /// A server that cannot be reached or does not want it.
    pub async fn try_out(&self) -> Result<(), Error> {
        self.transport.test_connection().await.map(drop)
    }

    /// Sends a letter. The same id is the same mail, should it arrive twice.
    ///
    /// # Errors
    /// A server that cannot be reached or does not want it.
    pub async fn send(&self, id: &str, letter: &Letter) -> Result<(), NotDelivered> {
        let message = self
            .message(id, letter)
            .map_err(|error| NotDelivered::Ever(chain(&error)))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            // The server read the mail and refuses it. Signing in can be refused for good as well, but that is
            // for the operator to mend, and then the mail is still worth sending.
            Err(error) if error.is_permanent() && !is_sign_in(&error) => {
                Err(NotDelivered::Ever(chain(&error)))
            }
            Err(error) => Err(NotDelivered::Yet(chain(&error))),
        }
    }

    fn message(&self, id: &str, letter: &Letter) -> Result<Message, lettre::error::Error> {
        Message::builder()
            .from(self.from.clone())
            .mailbox(header::To::from(Mailboxes::from_iter(
                self.to.iter().cloned(),
            )))
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            // No out-of-office replies (RFC 3834).
            .raw_header(header::HeaderValue::new(
                header::HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".into(),
            ))
            .header(header::ContentType::TEXT_PLAIN)
            .subject(&letter.subject)
            .body(letter.text.clone())
    }
}

/// 530, 534, 535 and 538 are about signing in (RFC 4954).
fn is_sign_in(error: &Error) -> bool {
    error
        .status()
        .is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538))
}

#[cfg(test)]
mod tests {
    use patchcord_core::secret::Secret;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::config::MailServer;

    fn mail(port: u16) -> Mail {
        Mail {
            server: MailServer {
                host: "127.0.0.1".into(),
                port,
                tls: MailTls::None,
            },
            from: "Relay <relay@acme.example>".parse().unwrap(),
            to: vec![
                "a@acme.example".parse().unwrap(),
                "b@acme.example".parse().unwrap(),
            ],
            credentials: None,
        }
    }

    fn letter() -> Letter {
        Letter {
            subject: "Callback 7K3F-9QX2\r\nBcc: evil@example.com".into(),
            text: "Look at it.\n.\nReally.".into(),
        }
    }

    /// A mail server that takes one mail, or refuses it with `refusal`; gives back what it read.
    async fn server(listener: TcpListener, refusal: Option<&'static str>) -> String {
        let (socket, _) = listener.accept().await.unwrap();
        let (read, mut write) = socket.into_split();
        let mut lines = BufReader::new(read).lines();
        let mut seen = String::new();
        let mut in_data = false;
        write.write_all(b"220 test\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            seen.push_str(&line);
            seen.push('\n');
            let answer = match line.as_str() {
                "." if in_data => {
                    in_data = false;
                    "250 taken"
                }
                _ if in_data => continue,
                "DATA" => match refusal {
                    Some(refusal) => refusal,
                    None => {
                        in_data = true;
                        "354 go on"
                    }
                },
                "QUIT" => break,
                _ => "250 yes",
            };
            write
                .write_all(format!("{answer}\r\n").as_bytes())
                .await
                .unwrap();
            if answer.starts_with("250 taken") || Some(answer) == refusal {
                break;
            }
        }
        seen
    }

    #[tokio::test]
    async fn a_letter_arrives_whole_with_its_id_and_no_header_can_be_smuggled_in() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(server(listener, None));
        let mailer = Mailer::new(&mail(port)).unwrap();
        mailer.send("wd_1", &letter()).await.unwrap();
        let seen = server.await.unwrap();
        assert!(seen.contains("Message-ID: <wd_1@acme.example>"), "{seen}");
        assert!(
            seen.contains("RCPT TO:<a@acme.example>") && seen.contains("RCPT TO:<b@acme.example>")
        );
        assert!(!seen.lines().any(|line| line.starts_with("Bcc:")), "{seen}");
        assert!(
            seen.contains("\n..\nReally."),
            "a lone dot is doubled: {seen}"
        );
    }

    #[tokio::test]
    async fn what_is_worth_another_try_is_told_from_what_is_not() {
        for (refusal, again) in [
            ("451 later", true),
            ("552 too large", false),
            ("535 who are you", true),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let server = tokio::spawn(server(listener, Some(refusal)));
            let sent = Mailer::new(&mail(port))
                .unwrap()
                .send("wd_1", &letter())
                .await;
            server.await.unwrap();
            match sent {
                Err(NotDelivered::Yet(_)) => assert!(again, "{refusal}"),
                Err(NotDelivered::Ever(_)) => assert!(!again, "{refusal}"),
                Ok(()) => panic!("{refusal}"),
            }
        }
        let free = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let sent = Mailer::new(&mail(free.port()))
            .unwrap()
            .send("wd_1", &letter())
            .await;
        assert!(matches!(sent, Err(NotDelivered::Yet(_))), "{sent:?}");
    }

    #[tokio::test]
    async fn debug_shows_no_password() {
        let mut mail = mail(1);
        mail.credentials = Some(("relay".into(), Secret::new("canary")));
        let text = format!("{mail:?} {:?}", Mailer::new(&mail));
        assert!(!text.contains("canary"), "{text}");
    }
}
