int limn_text_unused;
