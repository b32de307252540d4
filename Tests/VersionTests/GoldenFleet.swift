import Causality
import FleetSupport
import NodeOperations
import ProfileModel
import ProfileStore
import Replication

/// The fleet whose store and messages a version leaves to later ones: headquarters, and a laptop that calls it.
///
/// Clocks, random numbers and the names of machines are made up, so that two runs of one version give the same.
struct GoldenFleet {
    static let deployment = Deployment(id: UniqueID(high: 7, low: 7), key: HashKey(first: 11, second: 13))
    /// Where the stores believe that they stand.
    static let place = "golden"

    let folder: TestFolder
    let office: Node
    let laptop: Node
    private let clocks: [SimulatedEnvironment]
    private let transport = DirectTransport()

    /// A request of the laptop, and what it was answered.
    struct Exchange {
        let session: String
        let endpoint: SyncEndpoint
        let request: [UInt8]
        let answer: [UInt8]
    }

    init() throws {
        folder = try TestFolder()
        clocks = (0..<2).map { SimulatedEnvironment(prefix: UInt8($0 + 1), seed: 20_260_101, storePlace: GoldenFleet.place) }
        office = try Node.found(
            home: folder["office"], name: "headquarters", author: "Chen", deployment: GoldenFleet.deployment, environment: clocks[0]).node
        laptop = try Node.found(
            home: folder["laptop"], name: "laptop", author: "Mori", deployment: GoldenFleet.deployment, environment: clocks[1]).node
    }

    /// Runs a session of the laptop and gives what went over the network.
    func session(_ name: String) throws -> [Exchange] {
        try record(name) {
            if let error = try transport.session(from: laptop, to: office).error { throw error }
        }
    }

    /// Lets the laptop find what differs and repair it.
    func repair(_ name: String) throws -> [Exchange] {
        try record(name) {
            let caller = VerifyCaller(store: laptop.store, environment: laptop.environment, isRepairing: true)
            if let error = try transport.run(caller, from: laptop, to: office).error { throw error }
        }
    }

    private func record(_ name: String, _ body: () throws -> Void) throws -> [Exchange] {
        var exchanges: [Exchange] = []
        transport.onExchange = { exchanges.append(Exchange(session: name, endpoint: $0, request: $1, answer: $2)) }
        defer { transport.onExchange = nil }
        try body()
        for clock in clocks { clock.advance(microseconds: 60_000_000) }
        return exchanges
    }

    // MARK: The life of the fleet

    private static let cities = ["Berlin", "上海", "Hefei", "Kyōto", "Łódź"]
    private static let names = ["沈建国", "Anna Schneider", "陆梅", "Renée Dubois", "欧阳静"]

    private func table(_ source: String, _ rows: Range<Int>, stage: String) -> String {
        "external_id,name,phone,email,city,stage,tags,shelf\n" + rows.map { number in
            let city = Self.cities[number % 5], name = "\(Self.names[number % 5]) \(number)"
            let tags = ["vip;newsletter", "partner", "", "vip"][number % 4]
            return "\(number),\(name),+4930123\(40_000 + number),c\(number)@\(source).example,\(city),\(stage),\(tags),\(number % 7)"
        }.joined(separator: "\n") + "\n"
    }

    private func importTable(_ node: Node, _ text: String, source: String) throws {
        var options = ImportOptions()
        options.source = source
        options.addsFields = true
        let outcome = try node.importTable(path: folder.file("\(source).csv", text), options: options)
        guard outcome.rejected == 0 else { throw GoldenFailure("an import rejects \(outcome.rejected) rows") }
    }

    /// What headquarters has when the laptop first calls: two sources that differ, fields of its own, what people did.
    func fillOffice() throws {
        _ = try office.defineField(FieldDefinition(name: "audit_due", type: .date, label: "Audit due", labelChinese: "审核到期"))
        _ = try office.defineField(FieldDefinition(name: "machines", type: .text, isSet: true))
        _ = try office.defineField(FieldDefinition(name: "order_volume", type: .money, policy: .highest, sensitivity: .sensitive))
        _ = try office.orderSources(["erp", "crm"])
        try importTable(office, table("crm", 0..<60, stage: "lead"), source: "crm")
        try importTable(office, table("erp", 0..<40, stage: "customer"), source: "erp")
        let firm = try office.add(.organization, try [
            "name=Weber & Söhne GmbH", "short_name=Weber", "credit_code=91310000MA1FL0000X", "company_size=50-99", "machines+=lathe", "machines+=saw",
        ].map(Assignment.init), tags: ["key account"]).id
        for number in 0..<12 {
            _ = try office.edit("crm:\(number)", ["audit_due=2027-0\(number % 9 + 1)-15", "order_volume=\(number)500 CNY"].map(Assignment.init), message: "signed")
        }
        _ = try office.note("crm:1", text: "合同已寄出", type: "call", time: "2026-01-05", next: (due: "2026-02-01", text: "Ask about the contract"))
        _ = try office.note(firm.description, text: "Visited the works", time: "2026-01-06 10:30")
        let task = try office.note("crm:2", text: "Letter", next: (due: "2026-01-20", text: "Call back")).task
        if let task { _ = try office.finishTask(task.description) }
        for number in 0..<5 { _ = try office.merge("crm:\(number)", "erp:\(number)") }
        _ = try office.unmerge("crm:4")
        _ = try office.delete("crm:59")
        _ = try office.delete("crm:58")
        _ = try office.restore("crm:58")
        _ = try office.edit("crm:20", ["note=first", "phone-=+493012340020"].map(Assignment.init))
    }

    /// What both sides do before they meet again: in different fields and in the same ones.
    func editOnBothSides() throws {
        for number in 10..<40 {
            _ = try office.edit("crm:\(number)", ["address=Harbour Street \(number)", "tags-=vip"].map(Assignment.init))
            _ = try laptop.edit("crm:\(number)", (number % 2 == 0 ? ["address=Mill Lane \(number)", "tags+=vip"] : ["title=Buyer"]).map(Assignment.init))
        }
        _ = try office.delete("crm:41")
        _ = try laptop.edit("crm:41", ["note=still calls"].map(Assignment.init))
        _ = try laptop.delete("erp:30")
        _ = try laptop.merge("crm:43", "crm:44")
        _ = try office.merge("crm:43", "crm:44")
        _ = try office.unmerge("crm:44")
        try importTable(laptop, table("crm", 45..<65, stage: "customer"), source: "crm")
        _ = try laptop.add(.person, ["name=Jürgen Groß", "email=groß@weber.example"].map(Assignment.init), tags: ["vip"])
    }

    /// Decides some of what is at odds, and takes something back.
    func decide() throws {
        let conflicts = try office.conflicts().conflicts.filter { $0.kind == .field && $0.field == "address" }
        guard conflicts.count > 6 else { throw GoldenFailure("there are \(conflicts.count) conflicts about addresses") }
        for conflict in conflicts.prefix(3) { _ = try office.resolve(conflict.key, .pick(conflict.candidates[0].dot)) }
        _ = try office.resolve(conflicts[3].key, .value("Market Square 1"), message: "asked by telephone")
        let edit = try office.edit("crm:5", ["stage=lost"].map(Assignment.init)).operation
        _ = try office.undo(edit)
    }

    /// Makes the laptop differ from headquarters in a few rows, and headquarters from the laptop.
    func drift() throws {
        for number in 0..<4 { _ = try laptop.edit("crm:\(30 + number)", ["city=Ürümqi"].map(Assignment.init)) }
        _ = try laptop.add(.person, ["name=Late Arrival"].map(Assignment.init))
    }
}

struct GoldenFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
