package import Connectors
package import Testing

/// What differs from system to system in the tests that are the same for all.
package struct Vendor: CustomTestStringConvertible, Sendable {
    package let name: String
    package let object: String
    package let secret: @Sendable (_ url: String) -> String
    package var edits: [String] = []
    /// A field that takes any text, and what it is here.
    package let text: String
    package let local: String
    /// A value that the system refuses.
    package let bad: (field: String, value: RemoteValue)?
    /// The kind of request that makes records, in the stand-in's words.
    package let create: String
    /// What else a new record must have.
    package var needed: [String: RemoteValue] = [:]
    package let ourID: String
    /// Whether a pull tells what was deleted.
    package var tellsDeletes = true
    package var hasTokens = true
    /// How many records of one stamp are more than a page, and more than any limit on paging.
    package var crowd = 5_000

    package var testDescription: String { name }

    package static let all: [Vendor] = [
        Vendor(
            name: "hubspot", object: "contacts",
            secret: { _ in #"{"client_id": "standin-client", "client_secret": "standin-secret", "refresh_token": "standin-refresh"}"# },
            edits: ["contacts.deletes=each-pull"], text: "jobtitle", local: "title", bad: ("email", .text("no address")), create: "batch-upsert",
            needed: ["lastname+firstname": .text("Mary Ann Smith")], ourID: "limn_id", crowd: 25_000),
        Vendor(
            name: "salesforce", object: "Contact", secret: { _ in #"{"client_id": "standin-client", "client_secret": "standin-secret"}"# },
            text: "Title", local: "title", bad: ("Email", .text("no address")), create: "batch-upsert",
            needed: ["LastName+FirstName": .text("王芳")], ourID: "LimnId__c"),
        Vendor(
            name: "zoho", object: "Contacts",
            secret: {
                #"{"client_id": "standin-client", "client_secret": "standin-secret", "refresh_token": "standin-refresh", "accounts_url": "\#($0)"}"#
            },
            text: "Title", local: "title", bad: ("Email", .text("no address")), create: "batch-upsert",
            needed: ["Last_Name+First_Name": .text("王芳")], ourID: "External_ID"),
        Vendor(
            name: "fxiaoke", object: "AccountObj",
            secret: { _ in #"{"app_id": "FSAID_standin", "app_secret": "standin-secret", "permanent_code": "standin-code", "user_id": "1000"}"# },
            text: "address", local: "address", bad: ("name", .empty), create: "create",
            needed: ["name": .text("Name")], ourID: "limn_id__c", tellsDeletes: false),
        Vendor(
            name: "jiandaoyun", object: "customers", secret: { _ in "standin-key" },
            edits: ["app-id=59264073a2a60c0c08e20bfb", "customers.entry-id=59264073a2a60c0c08e20bfd"], text: "_widget_1004", local: "company", bad: nil,
            create: "create", needed: ["_widget_1001": .text("Name")], ourID: "_widget_1010", tellsDeletes: false, hasTokens: false),
    ]
}
