import Glibc

/// The standard rows on which Limn and its anchors are measured: customers with ten fields and three tags, the same bytes
/// on every machine.
enum StandardRows {
    static let columns = ["external_id", "name", "email", "phone", "company", "address", "region", "postcode", "country", "stage", "territory", "tags"]
    static let firstNames = words("Anna Boris Carla Dmitri Elena Farid Greta Hugo Ines Jonas Karin Luis Maria Nadia Oskar Petra")
    static let lastNames = words(
        "Schneider Okafor Martinez Ivanova Johnson Tanaka Larsen Dubois Rossi Novak Silva Haddad Kim Mueller Andersson Walker")
    static let streets = ["Harbour Street", "Oak Avenue", "Mill Lane", "Station Road", "Kings Way", "Garden Close", "High Street", "Lake View"]
    static let cities = words("Berlin Lisbon Porto Oslo Hamburg Lyon Milan Prague Vienna Madrid")
    static let countries = words("DE PT PT NO DE FR IT CZ AT ES")
    static let stages = words("lead active dormant churned")
    static let tags = words("vip newsletter wholesale net30 referral event-2024 partner trial priority no-call")

    private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    /// SplitMix64's output function.
    private static func mix(_ value: UInt64) -> UInt64 {
        var x = value &+ 0x9E37_79B9_7F4A_7C15
        x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
        x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
        return x ^ (x >> 31)
    }

    private static func hex(_ value: UInt64, _ digits: Int) -> String { padded(String(value, radix: 16), digits) }

    private static func padded(_ text: String, _ width: Int) -> String { String(repeating: "0", count: max(0, width - text.count)) + text }

    /// The external id of a customer: 16 bytes in the manner of UUID version 7, as hexadecimal.
    static func externalID(_ index: Int) -> String {
        let i = UInt64(index)
        return hex(1_700_000_000_000 + i * 3, 12) + hex(mix(i), 16) + hex(mix(i + 77_777_777) & 0xFFFF, 4)
    }

    private static func random(_ index: Int) -> UInt64 { mix(UInt64(index) * 31 + 5) }

    static func name(_ index: Int) -> String {
        let r = random(index)
        return "\(firstNames[Int(r & 15)]) \(lastNames[Int(r >> 4 & 15)])"
    }

    static func phone(_ index: Int) -> String { "+49" + padded(String((random(index) >> 16) % 10_000_000_000), 10) }

    /// A row as it stands in the file, without the end of its line.
    static func line(_ index: Int) -> String {
        let r = random(index)
        let first = firstNames[Int(r & 15)]
        let last = lastNames[Int(r >> 4 & 15)]
        let place = Int((r >> 8 & 0xFFFF_FFFF) % 10)
        let company = "\(lastNames[Int(r >> 20 & 15)]) & \(lastNames[Int(r >> 24 & 15)]) \(r >> 28 & 1 == 1 ? "GmbH" : "Ltd")"
        let tag = Int(mix(UInt64(index) + 999) % 10)
        return [
            externalID(index), "\(first) \(last)", "\(first).\(last)\(index)@example\(r >> 12 & 63).com", phone(index), company,
            "\(streets[Int(r >> 29 & 7)]) \((r >> 32) % 240)", cities[place], padded(String((r >> 40) % 99_999), 5), countries[place],
            stages[Int(r >> 57 & 3)], "T" + padded(String((r >> 50) % 40), 2), (0..<3).map { tags[(tag + $0 * 3) % 10] }.joined(separator: ";"),
        ].joined(separator: ",")
    }

    /// Writes the first rows as a table.
    static func write(_ count: Int, to path: String) throws {
        try write(to: path, header: columns.joined(separator: ","), count: count, line: line)
    }

    /// Writes corrections of every (count / 1,000)-th customer: another address, which names the side.
    static func writeCorrections(of count: Int, side: String, to path: String) throws {
        let step = max(1, count / 1_000)
        try write(to: path, header: "external_id,address", count: min(1_000, count)) { "\(externalID($0 * step)),Corrected \(side) \($0)" }
    }

    private static func write(to path: String, header: String, count: Int, line: (Int) -> String) throws {
        guard let file = fopen(path, "w") else { throw BenchmarkError("cannot write \(path)") }
        defer { fclose(file) }
        fputs(header + "\r\n", file)
        for index in 0..<count { fputs(line(index) + "\r\n", file) }
    }
}
