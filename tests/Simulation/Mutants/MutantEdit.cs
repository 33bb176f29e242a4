using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>Where a defect is planted: a member of a type of <c>functions/Core</c>, in any file.</summary>
/// <param name="Type">The type's name, without its namespace. All parts of a partial type count.</param>
/// <param name="Member">A method, constructor, property or field; all overloads count.</param>
internal sealed record MutantPlace(string Type, string Member)
{
    public static MutantPlace In(string type, string member) => new(type, member);

    public MutantEdit Replace(string old, string with) => new(this, old, with);

    public MutantEdit Remove(string old) => new(this, old, string.Empty);

    public MutantEdit Before(string old, string added) => new(this, old, $"{added} {old}");
}

/// <summary>One replacement of tokens. Whitespace, line breaks and comments do not matter, so formatting the code does not break a defect.</summary>
/// <param name="Place">Where to look.</param>
/// <param name="Old">The tokens to replace. The place must contain them exactly once, so that no defect gets lost unseen.</param>
/// <param name="With">The text that replaces them.</param>
internal sealed record MutantEdit(MutantPlace Place, string Old, string With)
{
    /// <summary>Finds the tree to edit, and edits it.</summary>
    /// <param name="mutant">The defect's name, for the error.</param>
    /// <exception cref="InvalidDataException">There is no such type or member, or it does not contain the tokens exactly once.</exception>
    public (SyntaxTree Old, SyntaxTree New) Apply(string mutant, IEnumerable<SyntaxTree> trees)
    {
        var types = trees.SelectMany(TypesOf).Where(type => type.Identifier.ValueText == Place.Type).ToList();
        Require(types.Count > 0, mutant, $"there is no type {Place.Type} in functions/Core");
        var members = types.SelectMany(MembersOf).Where(member => NamesOf(member).Contains(Place.Member, StringComparer.Ordinal)).ToList();
        Require(members.Count > 0, mutant, $"{Place.Type} has no member {Place.Member}");
        var found = members.SelectMany(Find).ToList();
        Require(found.Count > 0, mutant, $"{Place.Type}.{Place.Member} does not contain these tokens: {Old}");
        Require(found.Count == 1, mutant, $"{Place.Type}.{Place.Member} contains these tokens {found.Count} times, at {string.Join(", ", found.Select(Line))}: {Old}");

        var (tree, span) = (found[0].SourceTree!, found[0].SourceSpan);
        return (tree, tree.WithChangedText(tree.GetText().WithChanges(new TextChange(span, With))));
    }

    private IEnumerable<Location> Find(SyntaxNode member)
    {
        var wanted = SyntaxFactory.ParseTokens(Old).Where(static token => token.Span.Length > 0).Select(static token => token.Text).ToList();
        var tokens = member.DescendantTokens().Where(static token => token.Span.Length > 0).ToList();
        return Enumerable
            .Range(0, Math.Max(0, tokens.Count - wanted.Count + 1))
            .Where(start => tokens.Skip(start).Take(wanted.Count).Select(static token => token.Text).SequenceEqual(wanted, StringComparer.Ordinal))
            .Select(start => TextSpan.FromBounds(tokens[start].SpanStart, tokens[start + wanted.Count - 1].Span.End))
            .Select(span => Location.Create(member.SyntaxTree, span));
    }

    private static IEnumerable<BaseTypeDeclarationSyntax> TypesOf(SyntaxTree tree) =>
        tree.GetRoot()
            .DescendantNodes(static node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax or BaseTypeDeclarationSyntax)
            .OfType<BaseTypeDeclarationSyntax>();

    private static IEnumerable<MemberDeclarationSyntax> MembersOf(BaseTypeDeclarationSyntax type) =>
        type.ChildNodes().OfType<MemberDeclarationSyntax>();

    private static IEnumerable<string> NamesOf(MemberDeclarationSyntax member) =>
        member switch
        {
            MethodDeclarationSyntax method => [method.Identifier.ValueText],
            ConstructorDeclarationSyntax constructor => [constructor.Identifier.ValueText],
            PropertyDeclarationSyntax property => [property.Identifier.ValueText],
            BaseFieldDeclarationSyntax field => field.Declaration.Variables.Select(static variable => variable.Identifier.ValueText),
            _ => [],
        };

    private static string Line(Location place) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFileName(place.SourceTree!.FilePath)}:{place.GetLineSpan().StartLinePosition.Line + 1}"
        );

    private static void Require(bool holds, string mutant, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidDataException($"Mutant {mutant}: {otherwise}.");
        }
    }
}
