mod errors;
mod hostile_text;
mod slots;
mod traces;
