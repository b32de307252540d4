internal import ProfileModel
internal import StandardForms

/// What each column of a table means.
struct ImportPlan {
    enum Role {
        case externalID
        case field(FieldColumn)
        /// A column of an event, by its name in the document.
        case event(String, FieldColumn?)
        case kind
        case ignored

        /// The number of the field to which a customer's column belongs; 0 for other columns.
        var field: UInt64 {
            switch self {
            case .externalID: FieldID.externalIDs.rawValue
            case .field(let column): column.id
            case .event, .kind, .ignored: 0
            }
        }
    }

    /// A column that holds a field's values; a reference, because every row reads it.
    final class FieldColumn {
        let field: Field
        let form: StandardForm
        // What every row asks of the field: all of it is much to copy.
        let id: UInt64
        let isSet: Bool
        let isIndustry: Bool

        init(_ field: Field, _ form: StandardForm) {
            self.field = field
            self.form = form
            id = field.id.rawValue
            isSet = field.isSet
            isIndustry = field.type == .industry
        }

        /// Appends a value's standard form, and gives it where it is not what was given.
        func append(_ raw: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) throws(FormProblem) -> [UInt8]? {
            let start = bytes.count
            try form.append(raw, to: &bytes)
            return form.isAsGiven(raw, bytes[start...]) ? nil : Array(bytes[start...])
        }
    }

    var roles: [Role] = [] {
        didSet { inOrder = roles.indices.sorted { (roles[$0].field, $0) < (roles[$1].field, $1) } }
    }
    /// The columns in the order of the cells that they become, which then need no sorting.
    private(set) var inOrder: [Int] = []
    var ignored: [String] = []
    /// Columns that identify a row, in the order in which they were named.
    var key: [Int] = []

    static func isExternalID(_ title: String) -> Bool {
        ["external_id", "externalid", "external id", "外部编号", "外部id"].contains(title.lowercased())
    }

    static func isKind(_ title: String) -> Bool { ["kind", "类型", "客户类别"].contains(title.lowercased()) }

    /// The names of an event's columns by their titles.
    private static let eventNames: [String: String] = [
        "customer": "customer", "客户": "customer", "客户编号": "customer", "type": "type", "类型": "type", "time": "time", "时间": "time",
        "日期": "time", "date": "time", "amount": "amount", "金额": "amount", "currency": "currency", "币种": "currency",
        "channel": "channel", "渠道": "channel", "order": "order", "订单": "order", "订单号": "order", "line": "line", "行号": "line",
        "product": "product", "产品": "product", "商品": "product", "quantity": "quantity", "数量": "quantity", "cost": "cost", "成本": "cost",
        "status": "status", "状态": "status", "text": "text", "内容": "text",
    ]

    /// How values of an event's columns are read.
    private static let eventTypes: [String: FieldType] = ["time": .time, "amount": .decimal, "quantity": .decimal, "cost": .decimal]

    /// A member of an event's document as a field: how its values are read.
    static func eventField(_ name: String) -> Field {
        Field(id: .content, name: name, type: eventTypes[name] ?? .text, labelEnglish: name, labelChinese: name)
    }

    static func eventRole(_ title: String, _ fields: FieldInput) -> Role {
        guard let name = eventNames[title.lowercased()] else { return .event(title, nil) }
        let field = eventTypes[name].map { Field(id: .content, name: name, type: $0, labelEnglish: name, labelChinese: title) }
        return .event(name, field.map { FieldColumn($0, fields.form(of: $0)) })
    }

    /// What the rows are, as far as the titles tell: organizations have columns that persons do not.
    static func kind(of titles: [String], catalogue: FieldCatalogue) -> RowKind {
        let fields = titles.compactMap { catalogue.field(titled: $0) }
        let organizations = fields.filter { $0.kinds == [.organization] }.count
        let persons = fields.filter { $0.kinds == [.person] }.count
        return organizations > persons ? .organization : .person
    }
}
