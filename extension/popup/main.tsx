document.title = "x";export {};
