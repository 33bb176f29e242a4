using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace ServerlessSync.Simulation.Mutants;

/// <summary>The source of <c>functions/Core</c>, which can be compiled with a defect in it. Core has no package and no generated source.</summary>
internal sealed class CoreSource
{
    /// <summary>What the build adds to every project: the implicit usings, and who may see internals.</summary>
    private const string Added = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("ServerlessSync.Simulation")]
        [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("ServerlessSync.Simulation.Tests")]
        """;

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Latest);

    private readonly CSharpCompilation compilation;

    private CoreSource(string folder)
    {
        var version = typeof(Core.Log.Head).Assembly.GetName();
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var trees = Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(path => Parse(path, File.ReadAllText(path)))
            .Append(Parse("added.cs", $"{Added}\n[assembly: System.Reflection.AssemblyVersion(\"{version.Version}\")]"));
        compilation = CSharpCompilation.Create(
            version.Name,
            trees,
            Directory.EnumerateFiles(framework, "*.dll").Where(IsManaged).Select(static path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release,
                nullableContextOptions: NullableContextOptions.Enable
            )
        );
    }

    /// <summary>Reads the source from the repository that this program was built in.</summary>
    /// <exception cref="DirectoryNotFoundException">The program does not stand in the repository.</exception>
    public static CoreSource Read()
    {
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            if (File.Exists(Path.Combine(place.FullName, "ServerlessSync.sln")))
            {
                return new CoreSource(Path.Combine(place.FullName, "functions", "Core"));
            }
        }

        throw new DirectoryNotFoundException($"{AppContext.BaseDirectory} is not in the repository, whose source mutants are made of.");
    }

    /// <summary>Plants the defect and compiles the files that it changes.</summary>
    /// <exception cref="InvalidDataException">An edit does not apply, or its result is not C#.</exception>
    public void Check(Mutant mutant)
    {
        var planted = Plant(mutant);
        var changed = planted.SyntaxTrees.Except(compilation.SyntaxTrees);
        RequireNoErrors(mutant, changed.SelectMany(tree => tree.GetDiagnostics().Concat(planted.GetSemanticModel(tree).GetMethodBodyDiagnostics())));
    }

    /// <summary>Compiles Core with the defect, or as it is, to a file.</summary>
    /// <exception cref="InvalidDataException">An edit does not apply, or its result is not C#.</exception>
    public void Compile(Mutant? mutant, string path)
    {
        var planted = mutant is null ? compilation : Plant(mutant);
        RequireNoErrors(mutant, planted.Emit(path).Diagnostics);
    }

    private CSharpCompilation Plant(Mutant mutant)
    {
        var planted = mutant.AddedSource is { } source ? compilation.AddSyntaxTrees(Parse($"{mutant.Name}.cs", source)) : compilation;
        foreach (var edit in mutant.Edits)
        {
            var (old, edited) = edit.Apply(mutant.Name, planted.SyntaxTrees);
            planted = planted.ReplaceSyntaxTree(old, edited);
        }

        return planted;
    }

    private static void RequireNoErrors(Mutant? mutant, IEnumerable<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Take(3).ToList();
        if (errors.Count > 0)
        {
            throw new InvalidDataException($"Mutant {mutant?.Name ?? "none"} does not compile: {string.Join("; ", errors)}");
        }
    }

    private static SyntaxTree Parse(string path, string text) =>
        CSharpSyntaxTree.ParseText(SourceText.From(text, System.Text.Encoding.UTF8), Language, path);

    private static bool IsManaged(string path)
    {
        try
        {
            AssemblyName.GetAssemblyName(path);
            return true;
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }
}
