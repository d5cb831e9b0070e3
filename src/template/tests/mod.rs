mod errors;
mod hostile_text;
mod slots;
mod speed;
mod traces;
