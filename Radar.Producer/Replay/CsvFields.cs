using CsvHelper;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>One row of a CSV file.</summary>
internal readonly ref struct CsvFields(CsvReader csv, CsvLayout layout) : ITickFields
{
    private readonly CsvReader _csv = csv;
    private readonly CsvLayout _layout = layout;

    public Scalar this[TickField field] => _layout.ConstantOf(field) is { } constant ? Scalar.OfText(constant) : At(_layout[field]);

    public Scalar Condition(int index) => At(_layout.Condition(index));

    private Scalar At(int column) => column >= 0 && column < _csv.FieldCount ? Scalar.OfText(_csv.GetSpan(column)) : default;
}
