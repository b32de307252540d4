#include "CEmbeddedFiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char fields[] = {
#embed "../../schema/fields.tsv"
};
static const unsigned char messages_general[] = {
#embed "../../schema/messages/general.txt"
};
static const unsigned char messages_commands[] = {
#embed "../../schema/messages/commands.txt"
};
static const unsigned char messages_admin[] = {
#embed "../../schema/messages/admin.txt"
};
static const unsigned char messages_exchange[] = {
#embed "../../schema/messages/exchange.txt"
};
static const unsigned char messages_http[] = {
#embed "../../schema/messages/http.txt"
};
static const unsigned char messages_rules[] = {
#embed "../../schema/messages/rules.txt"
};
static const unsigned char messages_store[] = {
#embed "../../schema/messages/store.txt"
};
static const unsigned char messages_sync[] = {
#embed "../../schema/messages/sync.txt"
};
static const unsigned char messages_verify[] = {
#embed "../../schema/messages/verify.txt"
};
static const unsigned char messages_forms[] = {
#embed "../../schema/messages/forms.txt"
};
static const unsigned char messages_territories[] = {
#embed "../../schema/messages/territories.txt"
};
static const unsigned char messages_duplicates[] = {
#embed "../../schema/messages/duplicates.txt"
};
static const unsigned char messages_server[] = {
#embed "../../schema/messages/server.txt"
};
static const unsigned char messages_cleaning[] = {
#embed "../../schema/messages/cleaning.txt"
};
static const unsigned char incomes[] = {
#embed "../../schema/incomes.tsv"
};
static const unsigned char prefixes[] = {
#embed "../../schema/prefixes.tsv"
};
static const unsigned char pinyin[] = {
#embed "../../schema/pinyin.tsv"
};
static const unsigned char regions[] = {
#embed "../../schema/regions.tsv"
};
static const unsigned char industries[] = {
#embed "../../schema/industries.tsv"
};
static const unsigned char traditional[] = {
#embed "../../schema/traditional.tsv"
};
static const unsigned char migration_0001[] = {
#embed "../../schema/migrations/0001.sql"
};
static const unsigned char migration_0002[] = {
#embed "../../schema/migrations/0002.sql"
};
static const unsigned char migration_0003[] = {
#embed "../../schema/migrations/0003.sql"
};
static const unsigned char migration_0004[] = {
#embed "../../schema/migrations/0004.sql"
};
static const unsigned char migration_0005[] = {
#embed "../../schema/migrations/0005.sql"
};
static const unsigned char migration_0006[] = {
#embed "../../schema/migrations/0006.sql"
};
static const unsigned char migration_0007[] = {
#embed "../../schema/migrations/0007.sql"
};
static const unsigned char migration_0008[] = {
#embed "../../schema/migrations/0008.sql"
};
static const unsigned char migration_0009[] = {
#embed "../../schema/migrations/0009.sql"
};
static const unsigned char migration_0010[] = {
#embed "../../schema/migrations/0010.sql"
};
static const unsigned char migration_0011[] = {
#embed "../../schema/migrations/0011.sql"
};
static const unsigned char migration_0012[] = {
#embed "../../schema/migrations/0012.sql"
};
static const unsigned char migration_0013[] = {
#embed "../../schema/migrations/0013.sql"
};
static const unsigned char migration_0014[] = {
#embed "../../schema/migrations/0014.sql"
};
static const unsigned char messages_crm[] = {
#embed "../../schema/messages/crm.txt"
};
static const unsigned char crm_carddav[] = {
#embed "../../peers/crm/carddav.tsv"
};
static const unsigned char crm_fxiaoke[] = {
#embed "../../peers/crm/fxiaoke.tsv"
};
static const unsigned char crm_hubspot[] = {
#embed "../../peers/crm/hubspot.tsv"
};
static const unsigned char crm_jiandaoyun[] = {
#embed "../../peers/crm/jiandaoyun.tsv"
};
static const unsigned char crm_salesforce[] = {
#embed "../../peers/crm/salesforce.tsv"
};
static const unsigned char crm_zoho[] = {
#embed "../../peers/crm/zoho.tsv"
};
static const unsigned char crm_tryton[] = {
#embed "../../peers/crm/tryton.tsv"
};
static const unsigned char views[] = {
#embed "../../schema/views/views.sql"
};

static const limn_embedded_file files[] = {
    {"fields.tsv", fields, sizeof fields},
    {"messages/general.txt", messages_general, sizeof messages_general},
    {"messages/commands.txt", messages_commands, sizeof messages_commands},
    {"messages/admin.txt", messages_admin, sizeof messages_admin},
    {"messages/exchange.txt", messages_exchange, sizeof messages_exchange},
    {"messages/http.txt", messages_http, sizeof messages_http},
    {"messages/rules.txt", messages_rules, sizeof messages_rules},
    {"messages/store.txt", messages_store, sizeof messages_store},
    {"messages/sync.txt", messages_sync, sizeof messages_sync},
    {"messages/verify.txt", messages_verify, sizeof messages_verify},
    {"messages/forms.txt", messages_forms, sizeof messages_forms},
    {"messages/territories.txt", messages_territories, sizeof messages_territories},
    {"messages/duplicates.txt", messages_duplicates, sizeof messages_duplicates},
    {"messages/server.txt", messages_server, sizeof messages_server},
    {"messages/cleaning.txt", messages_cleaning, sizeof messages_cleaning},
    {"incomes.tsv", incomes, sizeof incomes},
    {"prefixes.tsv", prefixes, sizeof prefixes},
    {"pinyin.tsv", pinyin, sizeof pinyin},
    {"regions.tsv", regions, sizeof regions},
    {"industries.tsv", industries, sizeof industries},
    {"traditional.tsv", traditional, sizeof traditional},
    {"migrations/0001.sql", migration_0001, sizeof migration_0001},
    {"migrations/0002.sql", migration_0002, sizeof migration_0002},
    {"migrations/0003.sql", migration_0003, sizeof migration_0003},
    {"migrations/0004.sql", migration_0004, sizeof migration_0004},
    {"migrations/0005.sql", migration_0005, sizeof migration_0005},
    {"migrations/0006.sql", migration_0006, sizeof migration_0006},
    {"migrations/0007.sql", migration_0007, sizeof migration_0007},
    {"migrations/0008.sql", migration_0008, sizeof migration_0008},
    {"migrations/0009.sql", migration_0009, sizeof migration_0009},
    {"migrations/0010.sql", migration_0010, sizeof migration_0010},
    {"migrations/0011.sql", migration_0011, sizeof migration_0011},
    {"migrations/0012.sql", migration_0012, sizeof migration_0012},
    {"migrations/0013.sql", migration_0013, sizeof migration_0013},
    {"migrations/0014.sql", migration_0014, sizeof migration_0014},
    {"messages/crm.txt", messages_crm, sizeof messages_crm},
    {"peers/crm/carddav.tsv", crm_carddav, sizeof crm_carddav},
    {"peers/crm/fxiaoke.tsv", crm_fxiaoke, sizeof crm_fxiaoke},
    {"peers/crm/hubspot.tsv", crm_hubspot, sizeof crm_hubspot},
    {"peers/crm/jiandaoyun.tsv", crm_jiandaoyun, sizeof crm_jiandaoyun},
    {"peers/crm/salesforce.tsv", crm_salesforce, sizeof crm_salesforce},
    {"peers/crm/zoho.tsv", crm_zoho, sizeof crm_zoho},
    {"peers/crm/tryton.tsv", crm_tryton, sizeof crm_tryton},
    {"views/views.sql", views, sizeof views},
};

const limn_embedded_file *limn_embedded_file_at(size_t index) {
    return index < sizeof files / sizeof *files ? &files[index] : NULL;
}
