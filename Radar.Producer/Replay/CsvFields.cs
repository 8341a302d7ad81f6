using CsvHelper;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>One row of a CSV file.</summary>
/// <param name="csv">Stands at the row.</param>
/// <param name="layout">Which column is what.</param>
/// <param name="symbol">The symbol where it is not one column; empty otherwise.</param>
internal readonly ref struct CsvFields(CsvReader csv, CsvLayout layout, ReadOnlySpan<byte> symbol) : ITickFields
{
    private readonly CsvReader _csv = csv;
    private readonly CsvLayout _layout = layout;
    private readonly ReadOnlySpan<byte> _symbol = symbol;

    public Scalar this[TickField field] => _layout.ConstantOf(field) is { } constant ? Scalar.OfText(constant)
        : field == TickField.Symbol && !_symbol.IsEmpty ? Scalar.OfText(_symbol)
        : At(_layout[field]);

    public Scalar Condition(int index) => At(_layout.Condition(index));

    private Scalar At(int column) => column >= 0 && column < _csv.FieldCount ? Scalar.OfText(_csv.GetSpan(column)) : default;
}
