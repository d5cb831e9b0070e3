mod errors;
mod slots;
