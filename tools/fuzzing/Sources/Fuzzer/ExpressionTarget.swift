import Causality
import FleetSupport
import NodeOperations
import ProfileModel

@testable import ProfileStore
@testable import RuleLanguage

/// Expressions and words to search for: what SQL and the index decide is what the interpreter decides.
enum ExpressionTarget: FuzzTarget {
    static let name = "expressions"
    static let inputBytesMaximum = 1 << 11

    private struct Scene {
        let fleet: TestFleet
        let profiles: [Profile]
        let fields: QueryFields

        init() throws {
            fleet = try TestFleet(1)
            let node = fleet[0]
            _ = try node.importText("""
                external_id,name,phone,email,city,gender,birth_date,income,interests,nickname
                1,张伟,13800138000,li@example.com,上海,男,1980-05-17,250000,Golf;茶,娜娜
                2,Anna,13900139000,anna@example.com,Paris,女,2024-01,-2.5,golf,
                3,"ÜNAL 'x""y%_",,,北京,,2024,0.5,,ünal
                4,李 娜,,,上海,,,,,a

                """, source: "crm", in: fleet.folder)
            _ = try node.importText("external_id,name,city,employees,revenue\n5,上海华为技术有限公司,上海,1200,1.5亿\n6,华为,深圳,,-3\n", source: "erp", in: fleet.folder)
            try node.edit("crm:1", [Assignment("city=杭州"), Assignment("tags+=VIP"), Assignment("tags+=流失风险")])
            _ = try node.merge("crm:2", "crm:3")
            _ = try node.delete("erp:6")
            for number in 0..<4 { _ = try node.add(.person, [Assignment("name=客户\(number)"), Assignment("title=\(number)")]) }
            try node.catchUpSearch()
            _ = try node.add(.person, [Assignment("name=新客户")])
            profiles = try node.store.read { reader in
                var seen: Set<RowID> = []
                return try reader.rows(.customers, where: "life <> 3").compactMap { try reader.profile(of: $0.id) }.filter { seen.insert($0.id).inserted }
            }
            fields = QueryFields(try node.fields().catalogue)
        }
    }

    nonisolated(unsafe) private static let scene = try? Scene()

    static func seeds() throws -> [[UInt8]] {
        [
            "张伟", "华为（深圳）", "\"a = b\"", "city = 上海 and kind = organization", "name = \"li na\" or not tag(vip)", "phone ~ 0013", "收入 >= 20万",
            "birth_date >= 1980-05 and birth_date < 1980-06", "nickname is empty", "stage in (active, lead)", "updated > 2020-01-01",
            "not (interests = golf and interests = 茶)", "revenue > 1_000.5 且 employees < 1201", "name contains `x` 或者 城市 属于 (上海, 北京)",
            "deleted = true", "conflict = 是", "external_ids = \"crm:1\"", "标签(\"流失风险\") and scope = /", "name ~ \"'x\\\"y%_\"", "height != 170",
            "((((name = Anna))))", "do_not_contact = no", "id = \"\"",
        ].map { Array($0.utf8) }
    }

    static func take(_ bytes: UnsafeRawBufferPointer) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        guard let scene else { fatalError("there is no place for a store") }
        switch try Query.parse(text) {
        case .freeText(let words): _ = try found(words, scene)
        case .expression(let expression):
            let printed = expression.description
            // A text that grows beyond the limit as it is printed is the one exception.
            if printed.utf8.count <= 10_000 { law((try? Expression.parse(printed)) == expression, "\(text) is printed as \(printed)") }
            try compare(try expression.check(against: scene.fields), scene)
        }
    }

    /// Every error on the way is one of those that a person can be told of.
    private static func found(_ words: String, _ scene: Scene) throws -> Int {
        do { return try scene.fleet[0].find(words).total } catch let error as any CodedError {
            law(["rules", "node"].contains(error.code.prefix { $0 != "." }), "\(words): \(error.code) \(error.parameters)")
            throw error
        }
    }

    private static func compare(_ checked: Expression, _ scene: Scene) throws {
        let query = CustomerQuery(checked, scene.fields)
        do {
            try scene.fleet[0].store.read { reader in
                var found: [RowID] = []
                try reader.forEachMatch(query) { found.append($0) }
                let expected = try scene.profiles.filter { profile in
                    guard query.includesDeleted || !profile.isDeleted else { return false }
                    return try query.holds(QueryValues(profile, scene.fields, reader))
                }.map(\.id)
                law(found.count == Set(found).count && Set(found) == Set(expected), "\(checked): \(found), and the interpreter says \(expected)")
            }
        } catch {
            fatalError("\(checked): \(error)")
        }
    }
}
