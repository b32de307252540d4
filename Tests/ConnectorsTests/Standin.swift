import Connectors
import CurlHTTP
import Foundation
import Synchronization
import Testing

/// A server that answers as an external CRM would (`tools/crm`), in a process of its own that ends with this one.
final class Standin {
    let url: String
    private let process = Process()
    private let input = Pipe()
    private let client = HTTPClient(.init(userAgent: "test"))

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    init(_ vendor: String, _ options: [String] = []) throws {
        let output = Pipe()
        process.executableURL = Self.root.appending(path: "tools/crm/standin")
        process.arguments = [vendor, "--no-limits"] + options
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { line.append(byte) }
        url = String(decoding: line, as: UTF8.self)
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Does something to the server behind the client's back.
    @discardableResult
    func admin(_ name: String, _ body: JSON = [:]) throws -> JSON {
        let response = try client.send(HTTPRequest(.post, "\(url)/_standin/\(name)", body: .bytes(body.bytes)))
        guard response.status == 200, let answer = JSON(response.body) else { throw Refused(name: name, body: String(decoding: response.body, as: UTF8.self)) }
        return answer
    }

    func fault(_ text: String) throws { try admin("faults", ["add": .string(text)]) }

    func status() throws -> JSON { JSON(try client.send(HTTPRequest(.get, "\(url)/_standin/status")).body) ?? .null }

    /// All records of a kind as the server holds them, also those that are gone.
    func records(_ kind: String) throws -> [JSON] {
        JSON(try client.send(HTTPRequest(.get, "\(url)/_standin/records?kind=\(kind)")).body)?["records"].items ?? []
    }

    struct Refused: Error {
        let name: String
        let body: String
    }
}

/// A system that is asked of a stand-in, as the shared code asks it.
final class Asked {
    let system: any CRMSystem
    let session: CRMSession
    let object: MappedObject

    init(_ vendor: Vendor, _ standin: Standin, edits: [String] = []) throws {
        var mapping = try CRMSystems.standardMapping(vendor.name)
        for edit in vendor.edits + edits { mapping = try mapping.edited(edit) }
        let slept = Mutex<Int64>(0)
        let surroundings = CRMSession.Surroundings(
            now: { Int64(Date().timeIntervalSince1970 * 1_000_000) + slept.withLock { $0 } }, sleep: { wait in slept.withLock { $0 += wait } }, random: { 7 })
        (system, session) = try CRMSystems.open(
            vendor.name, mapping: mapping, baseURL: standin.url, secret: ConnectorSecret(text: vendor.secret(standin.url)),
            client: .init(userAgent: "test"), surroundings: surroundings, keep: { _ in })
        object = mapping[object: vendor.object]!
    }

    /// Pulls until the window is read.
    func pull(from cursor: PullCursor, pagesMaximum: Int = 400) throws -> (records: [RemoteRecord], tombstones: [RemoteTombstone], next: PullCursor) {
        var records: [RemoteRecord] = [], tombstones: [RemoteTombstone] = [], next = cursor
        for _ in 0..<pagesMaximum {
            let page = try system.pull(object, from: next)
            records += page.records
            tombstones += page.tombstones
            next = page.next
            if !page.hasMore { return (records, tombstones, next) }
        }
        throw Endless()
    }

    /// All ids that the system says exist.
    func ids() throws -> Set<String> {
        var ids: Set<String> = [], place: String?
        repeat {
            let page = try system.verify(object, after: place)
            ids.formUnion(page.clocks.map(\.id))
            place = page.next
        } while place != nil
        return ids
    }

    struct Endless: Error {}
}

/// What differs from system to system in the tests that are the same for all.
struct Vendor: CustomTestStringConvertible, Sendable {
    let name: String
    let object: String
    let secret: @Sendable (_ url: String) -> String
    var edits: [String] = []
    /// A field that takes any text, and one that must not be like the value.
    let text: String
    let bad: (field: String, value: RemoteValue)?
    /// The kind of request that makes records, in the stand-in's words.
    let create: String
    /// What else a new record must have.
    var needed: [String: RemoteValue] = [:]
    let ourID: String
    /// Whether a pull tells what was deleted.
    var tellsDeletes = true
    var hasTokens = true
    /// How many records of one stamp are more than a page, and more than any limit on paging.
    var crowd = 5_000

    var testDescription: String { name }

    static let all: [Vendor] = [
        Vendor(
            name: "hubspot", object: "contacts",
            secret: { _ in #"{"client_id": "standin-client", "client_secret": "standin-secret", "refresh_token": "standin-refresh"}"# },
            edits: ["contacts.deletes=each-pull"], text: "firstname", bad: ("email", .text("no address")), create: "batch-upsert", ourID: "limn_id", crowd: 25_000),
        Vendor(
            name: "salesforce", object: "Contact", secret: { _ in #"{"client_id": "standin-client", "client_secret": "standin-secret"}"# },
            text: "FirstName", bad: ("Email", .text("no address")), create: "batch-upsert", needed: ["LastName": .text("Last")], ourID: "LimnId__c"),
        Vendor(
            name: "zoho", object: "Contacts",
            secret: {
                #"{"client_id": "standin-client", "client_secret": "standin-secret", "refresh_token": "standin-refresh", "accounts_url": "\#($0)"}"#
            },
            text: "First_Name", bad: ("Email", .text("no address")), create: "batch-upsert", needed: ["Last_Name": .text("Last")], ourID: "External_ID"),
        Vendor(
            name: "fxiaoke", object: "AccountObj",
            secret: { _ in #"{"app_id": "FSAID_standin", "app_secret": "standin-secret", "permanent_code": "standin-code", "user_id": "1000"}"# },
            text: "address", bad: ("name", .empty), create: "create", needed: ["name": .text("Name")], ourID: "limn_id__c", tellsDeletes: false),
        Vendor(
            name: "jiandaoyun", object: "customers", secret: { _ in "standin-key" },
            edits: ["app-id=59264073a2a60c0c08e20bfb", "customers.entry-id=59264073a2a60c0c08e20bfd"], text: "_widget_1004", bad: nil, create: "create",
            needed: ["_widget_1001": .text("Name")], ourID: "_widget_1010", tellsDeletes: false, hasTokens: false),
    ]
}
