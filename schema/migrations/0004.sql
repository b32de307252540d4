-- Records with one number of an authority are one customer: an import looks for them.
CREATE INDEX customer_rows_national_id ON customer_rows ("national_id") WHERE "national_id" IS NOT NULL;
CREATE INDEX customer_rows_credit_code ON customer_rows ("credit_code") WHERE "credit_code" IS NOT NULL;
