namespace IntegrityTools.Model;

/// <summary>A designed failure: what failed, on what, why, and what to do next.</summary>
public class IntegrityException : Exception
{
    /// <summary>Creates a failure.</summary>
    /// <param name="errorId">One of <see cref="ErrorIds"/>.</param>
    /// <param name="message">What failed and why, one sentence, no secrets.</param>
    /// <param name="target">On what: a store, a path, a document id.</param>
    /// <param name="nextStep">What the user can do now, one imperative sentence.</param>
    /// <param name="innerException">The cause, when another failure is.</param>
    public IntegrityException(string errorId, string message, string? target = null, string? nextStep = null, Exception? innerException = null)
        : base(message, innerException)
    {
        ErrorId = errorId;
        Target = target;
        NextStep = nextStep;
    }

    /// <summary>One of <see cref="ErrorIds"/>.</summary>
    public string ErrorId { get; }

    /// <summary>On what it failed.</summary>
    public string? Target { get; }

    /// <summary>What to do next.</summary>
    public string? NextStep { get; }
}
