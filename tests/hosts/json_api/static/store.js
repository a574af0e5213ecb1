fetch("/api/products").then((answer) => answer.json());
