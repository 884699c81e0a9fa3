//! The demo's web server. It stands for two customers of Patchcord: a CRM with its backend
//! (`/crm/` and `POST /crm/assertion`) and a business's website (`/site/`).
//!
//! A CRM's developer can start from [`assertion`], which is all that the backend has to do, and
//! [`same_origin`], which keeps other sites from doing it in the agent's name.

pub mod assertion;
pub mod origin;
pub mod pages;
pub mod policy;
pub mod problem;
pub mod same_origin;
pub mod server;
pub mod settings;
