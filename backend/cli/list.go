package cli

import "github.com/spf13/cobra"

// listCommand is a `list` that prints what verb of the service returns: as JSON,
// an empty list as [], or as table prints it.
func listCommand[T any](e *env, short, verb string, table func([]T) error) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "list", Short: short, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return e.with(cmd.Context(), func(s service) error {
				list := []T{}
				if err := s.call(cmd.Context(), verb, &list); err != nil {
					return err
				}
				if asJSON {
					return e.printJSON(list)
				}
				return table(list)
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
