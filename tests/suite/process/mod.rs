//! The plugin process as its host sees it: the start, who may connect, the end. What is served plays no part.

mod debug;
mod end;
mod logs;
mod peers;
mod start;
