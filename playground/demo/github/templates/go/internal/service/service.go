// Package service is [[.Title]]: [[.Description]].
package service
