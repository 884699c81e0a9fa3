//! What goes wrong.

/// The fault that a step of the database meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// It fails, and nothing is kept.
    Fails,
    /// It is kept, but the relay is told that it failed.
    Unheard,
    /// It is kept, and the relay dies before it knows.
    Dies,
}

impl Fault {
    /// One of them; mostly none.
    pub fn chosen(of_twenty: u32) -> Self {
        match of_twenty {
            0 | 1 => Fault::Fails,
            2 => Fault::Unheard,
            3 | 4 => Fault::Dies,
            _ => Fault::None,
        }
    }

    /// At the end of a step's transaction.
    pub fn strike(self) -> Result<(), sqlx::Error> {
        match self {
            Fault::Fails => Err(sqlx::Error::WorkerCrashed),
            Fault::None | Fault::Unheard | Fault::Dies => Ok(()),
        }
    }
}

/// What becomes of a message that is sent to the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Post {
    Arrives,
    /// It arrives, and the relay is not told.
    Unheard,
    /// It does not arrive.
    Lost,
    /// It arrives, and the relay dies before it stores so.
    Dies,
}
