mod embedded;
mod errors;
mod hostile_text;
mod merges;
mod slots;
mod speed;
mod traces;
mod whitespace;
