//! The provider at the level of the protocol: every answer is held against Terraform core's own rules.

mod changes;
mod copies;
mod extras;
mod functions;
mod ignored;
mod image;
mod images;
mod interrupted;
mod manners;
mod named;
mod overlapping;
mod places;
mod rules;
mod schemas;
mod unknown;
mod unread;
