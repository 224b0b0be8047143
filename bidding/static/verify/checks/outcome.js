// What a check comes to. A failure is thrown by whatever finds it (`refuse`); these are the others.

export const pass = (sentence, values = {}) => ({ result: "PASS", sentence, values });
export const skip = (sentence, values = {}) => ({ result: "SKIP", sentence, values });
