//! Whether the mail server takes mails: connected to, TLS, signed in to. No mail is sent.

use std::io;

use lettre::transport::smtp::Error;
use tokio_rustls::rustls;

use crate::config::{Mail, MailTls};
use crate::mail::Mailer;

/// Signs in as for a mail, and hangs up.
pub async fn mail(mail: &Mail) -> Result<String, String> {
    let server = &mail.server;
    let place = format!("{}:{}", server.host, server.port);
    let tried = match Mailer::new(mail) {
        Ok(mailer) => mailer.try_out().await,
        Err(error) => Err(error),
    };
    let encrypted = match server.tls {
        MailTls::Wrapped | MailTls::StartTls => "over TLS",
        MailTls::None => "in clear, on this machine",
    };
    match (tried, &mail.credentials) {
        (Ok(()), Some((username, _))) => {
            Ok(format!("can be sent: {place} takes {username} {encrypted}"))
        }
        (Ok(()), None) => Ok(format!("can be sent: {place} answers {encrypted}")),
        (Err(error), _) => Err(format!(
            "{place}: {}; {}",
            cause(&error),
            remedy(&error, server.tls)
        )),
    }
}

/// The innermost cause: each of the others repeats it.
fn cause<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> &'e (dyn std::error::Error + 'static) {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause
}

fn is_about_tls(cause: &(dyn std::error::Error + 'static)) -> bool {
    let inner = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    inner.is_some_and(|inner| inner.is::<rustls::Error>())
}

fn remedy(error: &Error, tls: MailTls) -> &'static str {
    if error.is_tls() || is_about_tls(cause(error)) {
        "the certificate has to be of a name that `mail.smtp` says and of an authority that this machine trusts"
    } else if error.is_timeout() {
        "compare host and port in `mail.smtp`, and what lies between (firewall)"
    } else if error.is_permanent() || error.is_transient() {
        "compare `mail.username` and `mail.password`, and whether the server lets this machine send"
    } else if error.is_client() && tls == MailTls::StartTls {
        "the server has to offer STARTTLS, and a way of signing in; `smtps://` is for TLS from the beginning"
    } else {
        "compare host, port and kind of TLS in `mail.smtp`"
    }
}
