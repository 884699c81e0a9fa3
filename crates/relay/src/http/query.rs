//! The query of an address, read strictly: every refusal names the parameter.

use std::ops::RangeInclusive;

use axum::extract::Query;
use axum::http::Uri;
use patchcord_core::error::Code;

use super::problem::Problem;

/// The parameters that were not taken yet.
pub struct Asked(Vec<(String, String)>);

impl Asked {
    /// Reads a query.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for one that cannot be read, or has a parameter twice.
    pub fn read(query: Option<&str>) -> Result<Self, Problem> {
        let unreadable = || Problem::of(Code::InvalidField, "query", "The query cannot be read.");
        let uri: Uri = format!("/?{}", query.unwrap_or_default())
            .parse()
            .map_err(|_| unreadable())?;
        let Query(pairs) =
            Query::<Vec<(String, String)>>::try_from_uri(&uri).map_err(|_| unreadable())?;
        for (place, (name, _)) in pairs.iter().enumerate() {
            if pairs.iter().skip(place + 1).any(|(other, _)| other == name) {
                return Err(Problem::of(
                    Code::InvalidField,
                    name,
                    format!("`{name}` is there twice."),
                ));
            }
        }
        Ok(Self(pairs))
    }

    /// Takes a text of at most so many bytes; nothing where it is not there.
    ///
    /// # Errors
    /// [`Code::InvalidField`].
    pub fn text(&mut self, name: &str, most: usize) -> Result<String, Problem> {
        let text = self.take(name).unwrap_or_default();
        if text.len() > most {
            return Err(Problem::of(
                Code::InvalidField,
                name,
                format!("`{name}` has at most {most} bytes."),
            ));
        }
        Ok(text)
    }

    /// Takes a whole number within a range.
    ///
    /// # Errors
    /// [`Code::InvalidField`].
    pub fn whole(
        &mut self,
        name: &str,
        range: RangeInclusive<u32>,
        usual: u32,
    ) -> Result<u32, Problem> {
        let Some(text) = self.take(name) else {
            return Ok(usual);
        };
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            let (from, to) = (range.start(), range.end());
            Problem::of(
                Code::InvalidField,
                name,
                format!("`{name}` has to be a whole number, {from} to {to}."),
            )
        })
    }

    /// Refuses what was not taken.
    ///
    /// # Errors
    /// [`Code::UnknownField`].
    pub fn finish(self) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::of(
                Code::UnknownField,
                name,
                format!("`{name}` is not known here."),
            )
            .with_remedy("Remove it, or correct its spelling.")),
        }
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(place).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T>(read: Result<T, Problem>) -> Code {
        read.err().unwrap().code()
    }

    #[test]
    fn what_is_unknown_twice_or_too_large_is_refused() {
        let read = |query| Asked::read(Some(query)).unwrap();
        assert_eq!(refused(read("a=1").finish()), Code::UnknownField);
        assert_eq!(refused(Asked::read(Some("a=1&a=1"))), Code::InvalidField);
        assert_eq!(refused(read("q=12345").text("q", 4)), Code::InvalidField);
        for bad in ["n=0", "n=6", "n=-1", "n=x", "n="] {
            assert_eq!(refused(read(bad).whole("n", 1..=5, 1)), Code::InvalidField);
        }
        let mut asked = read("q=%2B49+30&n=5");
        assert_eq!(asked.text("q", 10).unwrap(), "+49 30");
        assert_eq!(asked.whole("n", 1..=5, 1).unwrap(), 5);
        assert_eq!(asked.whole("m", 1..=5, 3).unwrap(), 3);
        asked.finish().unwrap();
        Asked::read(None).unwrap().finish().unwrap();
    }
}
