// [[.Title]]: [[.Description]].
export {};
