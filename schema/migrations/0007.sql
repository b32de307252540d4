-- Values as a table gave them for customers that its import made, many customers together: their rows would arrive in the random order
-- of their ids. What is given of a customer that is here already stands in given_values.
CREATE TABLE given_pages (
    first INTEGER PRIMARY KEY,         -- the ordinal of the first customer; the page reaches to the next page
    header INTEGER NOT NULL,           -- who gave it, when, by which operation
    entries BLOB NOT NULL              -- value by value: customer, field, element, what was given
) STRICT;
